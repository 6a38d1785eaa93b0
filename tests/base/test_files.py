import errno

import pytest

from fer_core.base.files import read_json, write_atomic, write_json
from fer_core.errors import InputError


def test_json_round_trips(tmp_path):
    write_json(tmp_path / "a.json", {"é": [1, None]})
    assert read_json(tmp_path / "a.json") == {"é": [1, None]}


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, 1)

    def fail(temporary):
        temporary.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_atomic(path, fail)
    assert read_json(path) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told_in_a_sentence(tmp_path):
    def fail(temporary):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(InputError, match=r"is full.*free some space"):
        write_atomic(tmp_path / "a", fail)


def test_damaged_json_names_the_file(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(InputError, match=r"a\.json is not valid JSON"):
        read_json(tmp_path / "a.json")
