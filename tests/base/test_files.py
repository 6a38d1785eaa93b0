import errno
import os

import pandas as pd
import pytest

from fer_core.base.files import (
    UnreadableError,
    as_number,
    read_array,
    read_document,
    read_json,
    read_lines,
    read_table,
    read_text,
    write_atomic,
    write_json,
)
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

    with pytest.raises(InputError, match=r"with .*Free some space"):
        write_atomic(tmp_path / "a", fail)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"{", "it is not valid JSON", id="cut"),
        pytest.param(b"\xff\x00", "it is not valid JSON", id="garbage"),
        pytest.param(b"[" * 100_000, "it is nested too deeply", id="nested"),
        pytest.param(b"null", "expected a JSON object, found null", id="null"),
        pytest.param(b"[1]", "expected a JSON object, found a list", id="list"),
        pytest.param(b"1.5", "expected a JSON object, found a number", id="number"),
        pytest.param(b'{"b": 1}', "it has no a", id="without its field"),
    ],
)
def test_a_damaged_document_is_told_with_its_file_what_is_wrong_and_what_to_do(tmp_path, content, why):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        read_document(path, "a")
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path} cannot be read: {why}")
    assert str(caught.value).endswith("Restore it from a copy, or delete it.")


def test_a_document_of_a_newer_version_keeps_its_fields(tmp_path):
    write_json(tmp_path / "a.json", {"a": 1, "of_a_newer_version": {}})
    assert read_document(tmp_path / "a.json", "a") == {"a": 1, "of_a_newer_version": {}}


@pytest.mark.parametrize("read", [read_text, read_document, read_lines, read_array])
def test_a_folder_in_the_place_of_a_file_is_damage_and_a_missing_file_is_none(tmp_path, read):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UnreadableError, match="a folder is in its place"):
        read(tmp_path / "folder")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing")


@pytest.mark.parametrize("read", [read_text, read_document, read_lines, read_array, read_table])
@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(os.mkfifo, "a named pipe is in its place", id="pipe"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "a device is in its place", id="device"),
        pytest.param(lambda path: path.symlink_to(path.name), "Too many levels of symbolic links", id="loop"),
    ],
)
def test_what_is_not_a_regular_file_is_damage_and_is_not_opened(tmp_path, read, make, why):
    make(tmp_path / "a")
    with pytest.raises(UnreadableError, match=f"{why}|it is missing"):
        read(tmp_path / "a")


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1.0), (0.5, 0.5), (True, None), ("1", None), (None, None), (float("nan"), None), (float("inf"), None),
     (10**400, None)],
)  # fmt: skip
def test_only_a_finite_number_is_a_number(value, number):
    assert as_number(value) == number


def test_a_line_in_the_making_is_not_read(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": 2}\n{"a"')
    assert read_lines(tmp_path / "a.jsonl", "a") == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("read", [read_table, read_array])
def test_a_binary_file_that_is_none_is_damage(tmp_path, read):
    (tmp_path / "a").write_bytes(b"17")
    with pytest.raises(UnreadableError, match="it is not a"):
        read(tmp_path / "a")


def test_a_table_and_a_mapped_array_must_be_there(tmp_path):
    with pytest.raises(UnreadableError, match="it is missing"):
        read_table(tmp_path / "a.parquet")
    with pytest.raises(UnreadableError, match="it is missing"):
        read_array(tmp_path / "a.npy", mapped=True)


def test_a_table_without_its_column_is_damage(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet", "a")["a"].tolist() == [1]
    with pytest.raises(UnreadableError, match="it has no column b"):
        read_table(tmp_path / "a.parquet", "a", "b")
