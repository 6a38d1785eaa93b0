import pytest

from fer_core.base.files import read_document, write_json
from fer_core.base.unreadable import Unreadable, find_problem, list_unreadable


def test_a_problem_is_found_once_and_again_when_a_file_has_changed(tmp_path):
    path, asked = tmp_path / "a.json", []

    def read():
        asked.append(path)
        read_document(path, "a")

    path.write_text("null")
    assert [str(find_problem([path], read)) for _ in range(3)] == [str(find_problem([path], read))] * 3
    assert len(asked) == 1
    write_json(path, {"a": 1})
    assert find_problem([path], read) is None
    assert len(asked) == 2


def test_a_missing_file_is_a_problem_that_names_it(tmp_path):
    path = tmp_path / "a.json"
    problem = find_problem([path], lambda: read_document(path))
    assert str(problem) == f"{path} cannot be read: it is missing. Restore it from a copy, or delete its folder."
    assert list_unreadable([("whole", None), ("bad", problem)]) == [Unreadable(name="bad", why=str(problem))]


def test_an_error_of_the_program_is_none_of_the_file(tmp_path):
    with pytest.raises(ZeroDivisionError):
        find_problem([tmp_path], lambda: 1 / 0)
