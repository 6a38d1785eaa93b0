"""Progress of the teachers on the training faces, in `teacher.json` in the run's folder. No torch."""

import time
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict, cast

from fer_core.base.files import read_document, write_json

_FILE = "teacher.json"
_EVERY_S = 1.0


class Countdown:
    """Writes the time left; a context manager that deletes the file at its end.

    Args:
        folder: of the run; None to write nothing.
        n_views: number of views to classify.
    """

    def __init__(self, folder: Path | None, n_views: int) -> None:
        self.path = folder / _FILE if folder else None
        self.n_views = n_views
        self.started, self.written = time.perf_counter(), -1.0
        self.share = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.path:
            self.path.unlink(missing_ok=True)

    def tell(self, view: int, share: float) -> None:
        """Records that this share of view `view`, from 0, is classified."""
        self.share = (view + share) / self.n_views
        now = time.perf_counter()
        if self.path and now - self.written >= _EVERY_S:
            self.written = now
            write_json(self.path, {"share": round(self.share, 4), "eta_s": self.eta_s})

    @property
    def eta_s(self) -> float | None:
        """Seconds left; None before anything is classified."""
        spent = time.perf_counter() - self.started
        return round(spent / self.share * (1 - self.share), 1) if self.share else None


class TeacherProgress(TypedDict):
    """The share of the training faces that the teachers have classified, and the seconds left; None while unknown."""

    share: float
    eta_s: float | None


def read_teacher_progress(folder: Path) -> TeacherProgress | None:
    """The teachers' progress; None while they are not running."""
    try:
        return cast(TeacherProgress, read_document(folder / _FILE, "share", "eta_s"))
    except FileNotFoundError:
        return None
