"""Durations in text form: `90`, `90s`, `9m`, `1h30m`."""

import re

from fer_core.errors import InputError

_PATTERN = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


def parse_duration(text: str) -> float:
    """Seconds of a text such as 90, 90s, 9m or 1h30m.

    Raises:
        InputError: for any other text, including an empty one.
    """
    found = _PATTERN.fullmatch(text.replace(" ", ""))
    parts = [int(part or 0) for part in found.groups()] if found else []
    if not any(parts):
        raise InputError(f"expected a time such as 90s, 9m or 1h30m, got {text!r}")
    hours, minutes, seconds = parts
    return float(3600 * hours + 60 * minutes + seconds)


def format_duration(seconds: float) -> str:
    """ "42 s", "4.7 min", "31 min", "3.2 h": two digits, as far as anyone wants to know."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 99.5 * 60:
        minutes = seconds / 60
        return f"{minutes:.1f} min" if minutes < 9.95 else f"{minutes:.0f} min"
    return f"{seconds / 3600:.1f} h"
