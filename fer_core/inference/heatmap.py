"""A heatmap drawn over its face. No torch here."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_FAINTEST = 1 / 255  # below this, an 8-bit picture shows no colour


def is_blank(heatmap: np.ndarray) -> bool:
    """Whether a heatmap, 0 to 1, is zero everywhere, so that its picture shows nothing."""
    return float(heatmap.max(initial=0)) < _FAINTEST


def explain_blank(expression: str) -> str:
    """The sentence shown beside a heatmap of zeros."""
    return (
        f"Grad-CAM is zero everywhere for {expression}: no part of this face raises its score more than any "
        "other. Choose another expression."
    )


def overlay_heatmap(face: np.ndarray, heatmap: np.ndarray, strength: float = 0.5, size: int = 384) -> Image.Image:
    """An RGB picture, `size` px a side: the grey face with the heatmap in colour over it.

    If the heatmap is zero everywhere, a line at the bottom of the picture says so.

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
    picture = Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))
    if is_blank(heatmap):
        _write_foot(picture, "Grad-CAM: zero everywhere")
    return picture


def _write_foot(picture: Image.Image, text: str) -> None:
    """Writes a line at the foot of the picture, white on black."""
    draw, size = ImageDraw.Draw(picture), picture.width
    font = ImageFont.load_default(size=size / 18)
    _, top, _, _ = draw.textbbox((size / 2, size * 0.98), text, font=font, anchor="md")
    draw.rectangle((0, top - size * 0.02, size, size), fill="black")
    draw.text((size / 2, size * 0.98), text, fill="white", font=font, anchor="md")


def _heat_colours(value: np.ndarray) -> np.ndarray:
    """(..., 1) in 0..1 -> (..., 3) RGB from violet through orange to yellow, interpolated between five colours."""
    stops = np.array([[66, 10, 104], [147, 38, 103], [221, 81, 58], [252, 165, 10], [252, 255, 164]], np.float32)
    at = np.linspace(0, 1, len(stops))
    return np.concatenate([np.interp(value, at, stops[:, channel]) for channel in range(3)], axis=-1)


def to_png(picture: Image.Image) -> bytes:
    """The picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
