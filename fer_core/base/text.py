"""Numbers as all commands, cards and pages write them, and Markdown helpers for the cards."""

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_<>\[\]|#])")


def count_of(n: int, noun: str) -> str:
    """ "1 face", "1,234 faces", "0 near copies": a count with its noun, given in the singular."""
    return f"{n:,} {noun if n == 1 else _plural(noun)}"


def printable(text: str) -> str:
    """The text; with quotes and escapes if it has characters that a terminal cannot show on one line.

    Example:
        >>> printable("a\nb"), printable("a b")
        ("'a\\nb'", 'a b')
    """
    return text if text.isprintable() else ascii(text)


def percent(share: float | None) -> str:
    """0.6712 -> "67.1 %"; a dash for None."""
    return "-" if share is None else f"{100 * share:.1f} %"


def escape(text: str) -> str:
    """The text escaped so that Markdown shows it literally, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the cells are already Markdown."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows))


def _plural(noun: str) -> str:
    if re.search("[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "sh", "tch")) else f"{noun}s"
