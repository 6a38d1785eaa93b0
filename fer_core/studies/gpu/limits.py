"""Limits of a borrowed machine on input and output; command-line options override them."""

import re

from fer_core.errors import InputError

MIB = 1 << 20
FILE_BYTES = 16 * MIB  # of one file that comes home
N_FILES = 8
HOME_BYTES = 64 * MIB  # of all of them
RESERVE_S = 30.0  # of a call: for stopping what runs (20 s) and writing what comes home

_UNITS = {"KiB": 1 << 10, "MiB": MIB, "GiB": 1 << 30, "": 1}


def parse_size(text: str) -> int:
    """Bytes of a text such as 55MiB, 800KiB or 1000.

    Raises:
        InputError: for any other text, including an empty one.
    """
    found = re.fullmatch(r"(\d+) ?([KMG]iB)?", text.strip())
    if not found or not int(found[1]):
        raise InputError(f"expected a size such as 55MiB or 800KiB, got {text!r}")
    return int(found[1]) * _UNITS[found[2] or ""]


def format_size(n_bytes: int) -> str:
    """ "37.6 MiB", "12 KiB"."""
    return f"{n_bytes / MIB:.1f} MiB" if n_bytes >= MIB else f"{-(-n_bytes // 1024)} KiB"


def budget_of_work(limit_s: float, passed_s: float) -> float:
    """Seconds left for runs in a call of `limit_s` seconds, some of which have passed.

    Raises:
        InputError: if no time is left after RESERVE_S.
    """
    left = limit_s - passed_s - RESERVE_S
    if left <= 0:
        raise InputError(
            f"Of the {limit_s:.0f} s of this call, {passed_s:.0f} have passed and {RESERVE_S:.0f} are reserved "
            "for bringing results back. Give it more time with --time."
        )
    return left
