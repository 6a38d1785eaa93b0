"""What the commands print while they work."""

import io
import sys

import pytest

from fer_core.cli import output


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A list whose last entry is the time, s."""
    times = [100.0]
    monkeypatch.setattr(output.time, "monotonic", lambda: times[-1])
    return times


def test_where_no_one_watches_a_step_is_a_line_and_a_long_one_another_every_half_minute(capsys, clock):
    show = output.progress_line()
    for seconds, step, done, total in (
        (0, "reading", 0, 1),
        (1, "decoding", 1, 4000),
        (21, "decoding", 2, 4000),
        (31, "decoding", 1000, 4000),
        (32, "decoding", 1100, 4000),
        (61, "decoding", 4000, 4000),
        (62, "writing", 0, 1),
        (63, "done", 1, 1),
    ):
        clock.append(100.0 + seconds)
        show(step, done, total)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "reading",
        "decoding",
        "decoding: 1,000 of 4,000, 1 min 30 s left",
        "decoding: 4,000 of 4,000",
        "writing",
    ]


def test_on_a_terminal_one_line_is_written_over_until_all_is_done(monkeypatch, clock):
    monkeypatch.setattr(sys, "stderr", Terminal())
    show = output.progress_line()
    show("decoding", 1, 4000)
    clock.append(130.0)
    show("decoding", 1000, 4000)
    show("writing", 0, 1)
    show("done", 1, 1)
    first, second = "decoding: 1 of 4,000", "decoding: 1,000 of 4,000, 1 min 30 s left"
    assert sys.stderr.getvalue() == f"\r{first}\r{second}\r{'writing'.ljust(len(second))}\r{'done'.ljust(7)}\n"


def test_a_table_writes_whole_numbers_in_thousands_and_leaves_the_rest_as_it_is(capsys):
    output.print_table(("name", "n", "share"), [("2013", 32655, 0.5), ("x", 7, True)])
    assert capsys.readouterr().out == "name  n       share\n2013  32,655  0.5\nx     7       True\n"
