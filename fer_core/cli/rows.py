"""Shared by `fer results` and `fer gpu`: options for the table's rows, and how a call is interrupted."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from fer_core.errors import InputError

T = TypeVar("T")

TableOption = Annotated[
    Path | None, typer.Option("--file", help="the table's TOML file; default: docs/results.toml of the project")
]
DataOption = Annotated[
    str | None, typer.Option(help="folder with the sources; default: the environment variable FER_DATA")
]
SourceOption = Annotated[list[str] | None, typer.Option(help="NAME=PATH of a source of the table; may be repeated")]


def read_option(option: str, read: Callable[[str], T], text: str) -> T:
    """The value that `read` returns for an option's text.

    Raises:
        InputError: of `read`, with the option's name before it.
    """
    try:
        return read(text)
    except InputError as error:
        raise InputError(f"{option}: {error}. Change it and start again.") from error


@contextmanager
def catch_interrupts(interrupt: Callable[..., None]) -> Iterator[None]:
    """Calls `interrupt` at Ctrl+C and SIGTERM, instead of ending the process."""
    with ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.signal(number, interrupt))
        yield
