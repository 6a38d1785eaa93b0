"""A heatmap as a picture over its face. No torch here."""

import io

import numpy as np
from PIL import Image


def overlay_heatmap(face: np.ndarray, heatmap: np.ndarray, strength: float = 0.5, size: int = 384) -> Image.Image:
    """An RGB picture, `size` px a side: the grey face with the heatmap in colour over it.

    Args:
        face: (H, W) uint8.
        heatmap: (H, W), 0 to 1.
        strength: 0 shows the face alone, 1 hides it where the heat is greatest.
        size: of the result.
    """
    grey = Image.fromarray(np.asarray(face)).resize((size, size), Image.Resampling.BICUBIC).convert("RGB")
    heat = Image.fromarray((heatmap * 255).astype(np.uint8)).resize((size, size), Image.Resampling.BICUBIC)
    value = np.asarray(heat, dtype=np.float32)[..., None] / 255
    base = np.asarray(grey, dtype=np.float32)
    mixed = base * (1 - strength * value) + _heat_colours(value) * (strength * value)
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def _heat_colours(value: np.ndarray) -> np.ndarray:
    """(..., 1) in 0..1 -> (..., 3) RGB from violet over orange to yellow, by lines between five."""
    stops = np.array([[66, 10, 104], [147, 38, 103], [221, 81, 58], [252, 165, 10], [252, 255, 164]], np.float32)
    at = np.linspace(0, 1, len(stops))
    return np.concatenate([np.interp(value, at, stops[:, channel]) for channel in range(3)], axis=-1)


def to_png(picture: Image.Image) -> bytes:
    """The picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
