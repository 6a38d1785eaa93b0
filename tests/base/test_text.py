"""How numbers are written."""

import pytest

from fer_core.base.text import count_of, percent, printable


@pytest.mark.parametrize(
    ("n", "noun", "text"),
    [
        (1, "face", "1 face"),
        (0, "face", "0 faces"),
        (1234, "training face", "1,234 training faces"),
        (1, "near copy", "1 near copy"),
        (2, "near copy", "2 near copies"),
        (2, "day", "2 days"),
        (2, "class", "2 classes"),
        (2, "box", "2 boxes"),
        (2, "batch", "2 batches"),
        (2, "epoch", "2 epochs"),
    ],
)
def test_a_count_stands_with_its_noun_in_the_right_number(n: int, noun: str, text: str) -> None:
    assert count_of(n, noun) == text


@pytest.mark.parametrize(("share", "text"), [(0.6712, "67.1 %"), (0.0, "0.0 %"), (1.0, "100.0 %"), (None, "-")])
def test_a_share_is_written_with_one_decimal_and_a_space_before_the_sign(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a b é", "a b é"), ("a\nb", r"'a\nb'"), ("\x1b[2J", r"'\x1b[2J'"), ("\udcff", r"'\udcff'")],
)
def test_a_name_that_no_terminal_can_show_on_one_line_is_quoted(text, shown):
    assert printable(text) == shown
