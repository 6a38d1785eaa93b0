import pytest

from fer_core.base.files import read_document, write_json
from fer_core.base.unreadable import Unreadable, find_problem, list_unreadable
from fer_core.base.workspace import list_folders


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


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "\udcff\udcfe"])
def test_a_folder_whose_name_cannot_be_shown_is_a_problem_on_one_line(tmp_path, name):
    (tmp_path / name).mkdir()
    write_json(tmp_path / name / "a.json", {})
    problem = find_problem([tmp_path / name / "a.json"], lambda: None)
    (row,) = list_unreadable([(name, problem)])
    assert row.name == ascii(name)
    assert row.why.endswith("its name has characters that cannot be shown. Rename the folder.")
    assert row.why.isprintable()


def test_a_folder_with_a_broken_link_is_listed(tmp_path):
    for name, link in (("loop", "a.json"), ("dangling", "nothing"), (".hidden", "a.json")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.json").symlink_to(link)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").touch()
    assert list_folders(tmp_path, "a.json", "b.json") == [tmp_path / "dangling", tmp_path / "loop"]
    assert list_folders(tmp_path / "nowhere", "a.json") == []
