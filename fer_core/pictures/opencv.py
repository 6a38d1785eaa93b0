"""OpenCV as the processes that read faces use it: each has one thread, and what it cannot read is told by Pillow."""

from functools import cache
from typing import Any


@cache
def load_cv2() -> Any:
    """The module, imported at the first call."""
    import cv2

    cv2.setNumThreads(1)  # the processes are as many as the cores
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2
