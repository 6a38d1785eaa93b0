import pytest

from fer_core.errors import InputError
from fer_core.studies.gpu.limits import MIB, RESERVE_S, budget_of_work, format_size, parse_size


@pytest.mark.parametrize(("text", "n_bytes"), [("55MiB", 55 * MIB), ("800 KiB", 819_200), ("1000", 1000)])
def test_sizes_are_read(text, n_bytes):
    assert parse_size(text) == n_bytes


@pytest.mark.parametrize("text", ["", "0", "5MB", "x"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(InputError, match="expected a size such as 55MiB"):
        parse_size(text)


def test_sizes_are_written_as_people_read_them():
    assert [format_size(n) for n in (1, 2048, 3 * MIB // 2)] == ["1 KiB", "2 KiB", "1.5 MiB"]


def test_the_time_of_the_work_is_what_is_left_beside_that_for_bringing_home():
    assert budget_of_work(540, 60) == 540 - 60 - RESERVE_S
    with pytest.raises(InputError, match=r"Of the 60 s of this call, 40 have passed.* --time"):
        budget_of_work(60, 40)
