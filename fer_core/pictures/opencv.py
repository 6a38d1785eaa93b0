"""OpenCV for the processes that read faces: one thread each, and silent, since Pillow reports unreadable files."""

from functools import cache
from typing import Any


@cache
def load_cv2() -> Any:
    """The module, imported at the first call."""
    import cv2

    cv2.setNumThreads(1)  # the processes are as many as the cores
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2
