import pytest

from fer_core.errors import InputError
from fer_core.studies.results.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("9m", 540), ("1h30m", 5400), ("2 h", 7200), ("1h 5s", 3605)]
)
def test_a_time_is_read_as_people_write_it(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-3m", "9 mins", "0s", "1m1h"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(InputError, match="expected a time such as 90s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(42, "42 s"), (99.6, "1.7 min"), (282, "4.7 min"), (6700, "1.9 h"), (1800, "30 min")]
)
def test_a_time_is_written_with_two_digits(seconds, text):
    assert format_duration(seconds) == text
