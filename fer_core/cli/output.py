"""Shared by all commands: printing a document or a table, and a progress line."""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from typing import Annotated, Any, TextIO

import typer

from fer_core.base.unreadable import Unreadable

_EVERY_S = 30.0  # between the lines of a long step in a log
_documents: ContextVar[TextIO | None] = ContextVar("documents", default=None)  # where they go under --json


def _keep_stdout(context: typer.Context, asked: bool) -> bool:
    """With --json, sends everything else that the command prints to stderr, so that stdout has only the document."""
    if asked:
        context.with_resource(_divert_stdout())
    return asked


AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        callback=_keep_stdout,
        help="Print one JSON document and nothing else on stdout. Errors remain one sentence on stderr, with exit "
        "code 2 for wrong input and 1 for a failure.",
    ),
]


def print_json(document: Any) -> None:
    """Prints one JSON document; NaN and infinities, which JSON cannot express, become null."""
    text = json.dumps(_drop_nan(document), indent=2, ensure_ascii=False, allow_nan=False)
    print(text, file=_documents.get() or sys.stdout)


@contextmanager
def _divert_stdout() -> Iterator[None]:
    token = _documents.set(sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _documents.reset(token)


def _drop_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _drop_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_drop_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints columns padded to their widest value, with whole numbers as 32,655."""
    text = [[f"{value:,}" if type(value) is int else str(value) for value in row] for row in (header, *rows)]
    widths = [max(len(row[i]) for row in text) for i in range(len(header))]
    for row in text:
        print("  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip())


def print_unreadable(rows: Sequence[Unreadable]) -> None:
    """Prints one line per unreadable item, below a table."""
    for row in rows:
        print(f"{row.name}  unreadable: {row.why}")


def describe_unreadable(rows: Sequence[Unreadable], key: str) -> list[dict[str, str]]:
    """The unreadable items as rows of a --json document.

    Args:
        rows: what cannot be read.
        key: under which the other rows of the document have the name.
    """
    return [{key: row.name, "state": "unreadable", "message": row.why} for row in rows]


def progress_line() -> Callable[[str, int, int], None]:
    """A callback that reports progress on stderr.

    On a terminal it rewrites one line, with the time left in the step; elsewhere it prints a line when a step begins,
    and another every 30 s.
    """
    return _write_over() if sys.stderr.isatty() else _write_lines()


def _write_over() -> Callable[[str, int, int], None]:
    width, last_step, began = 0, "", 0.0

    def show(step: str, done: int, total: int) -> None:
        nonlocal width, last_step, began
        if step != last_step:
            last_step, began = step, time.monotonic()
        text = _describe(step, done, total, began)
        print(f"\r{text.ljust(width)}", end="" if step != "done" else "\n", file=sys.stderr, flush=True)
        width = len(text)

    return show


def _write_lines() -> Callable[[str, int, int], None]:
    last_step, began, shown_at = "done", 0.0, 0.0

    def show(step: str, done: int, total: int) -> None:
        nonlocal last_step, began, shown_at
        now = time.monotonic()
        if step != last_step:
            last_step, began, shown_at = step, now, now
            if step != "done":
                print(step, file=sys.stderr, flush=True)
        elif now - shown_at >= _EVERY_S:
            shown_at = now
            print(_describe(step, done, total, began), file=sys.stderr, flush=True)

    return show


def _describe(step: str, done: int, total: int, began: float) -> str:
    return f"{step}: {done:,} of {total:,}{_time_left(began, done, total)}" if total > 1 else step


def _time_left(began: float, done: int, total: int) -> str:
    """ ", 12 s left", and nothing in the first second, before anything is done, or when all is."""
    elapsed = time.monotonic() - began
    if elapsed < 1 or not 0 < done < total:
        return ""
    seconds = round(elapsed / done * (total - done))
    return f", {seconds // 60} min {seconds % 60} s left" if seconds >= 60 else f", {seconds} s left"
