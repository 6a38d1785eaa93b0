"""What goes into a pack; the code that is archived is this clone's last commit."""

import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from fer_core.data.assemble import no_progress
from fer_core.errors import InputError
from fer_core.files import write_json
from fer_core.gpu.pack import CODE, list_sizes, pick_rows, read_manifest, refuse_large, write_pack
from fer_core.gpu.work import build_runner, prepare
from tests.results.tables import HEAD, row, write_file
from tests.samples import make_dataset

SMALL = HEAD.replace("[section.main]", '[dataset.small]\nof = "tiny"\n\n[section.main]')


def on_small(text: str) -> str:
    return text.replace('dataset = "tiny"', 'dataset = "small"')


@pytest.fixture
def table(tmp_path):
    make_dataset(tmp_path)
    return write_file(
        tmp_path,
        on_small(row("a", more='group = "gpu"\nwhy_not = "needs a GPU"\n')),
        on_small(row("b")),
        on_small(row("m", "ensemble", 'members = ["a", "b"]\n')),
        row("plain"),
        head=SMALL,
    )


@pytest.fixture
def fake_git(monkeypatch):
    """Makes an archive with one file in place of the project."""
    run = subprocess.run

    def answer(command, **options):
        if "archive" not in command:
            return (
                run(command, **options)
                if "rev-parse" not in command
                else subprocess.CompletedProcess(command, 0, "abc\n")
            )
        path = next(part for part in command if part.startswith("--output=")).removeprefix("--output=")
        with tarfile.open(path, "w:gz") as archive:
            archive.add(__file__, "fer_core/__init__.py")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", answer)


def write_wheel(folder: Path, name: str = "thing-1.0-py3-none-any.whl") -> Path:
    folder.mkdir()
    with ZipFile(folder / name, "w") as wheel:
        wheel.writestr("thing.py", "")
    return folder


def pack(tmp_path, table, names=(), most_bytes=10**7, wheels=None):
    rows = pick_rows(table, list(names))
    return write_pack(tmp_path / "pack", table, rows, {}, (), wheels, "3.12", most_bytes, no_progress)


def test_rows_of_the_group_are_packed_or_those_that_are_named_with_what_they_need(table):
    assert [row.name for row in pick_rows(table, [])] == ["a"]
    assert [row.name for row in pick_rows(table, ["m"])] == ["a", "b", "m"]
    with pytest.raises(InputError, match=r'no row with group = "other" \(gpu\)'):
        pick_rows(table, [], "other")
    with pytest.raises(InputError, match="There is no row 'z'"):
        pick_rows(table, ["z"])


def test_a_pack_is_unpacked_elsewhere_and_its_rows_are_ready_to_run(tmp_path, table, fake_git, monkeypatch):
    table.folder.mkdir()
    write_json(table.folder / "a.json", {"kind": "train", "state": "not run", "why": "x", "spec": {}, "results": []})
    manifest = pack(tmp_path, table, wheels=write_wheel(tmp_path / "wheels"))
    assert (manifest["rows"], manifest["datasets"], manifest["commit"]) == (["a"], ["small"], "abc")
    assert read_manifest(tmp_path / "pack") == manifest
    names = [name for name, _ in list_sizes(tmp_path / "pack")]
    assert names == [CODE, "datasets/small.zip", "pack.json", "results/a.json", "results.toml", "start.py",
                     "wheels/thing-1.0-py3-none-any.whl"]  # fmt: skip
    monkeypatch.setenv("FER_HOME", str(tmp_path / "there"))
    there, rows = prepare(tmp_path / "pack", None, no_progress)
    assert (rows, there.path) == (["a"], tmp_path / "there" / "table" / "results.toml")
    (there.folder / "a.json").unlink()
    assert prepare(tmp_path / "pack", None, no_progress)[0].rows.keys() == table.rows.keys()  # gone on with


def test_a_call_whose_time_is_over_runs_nothing(tmp_path, table):
    with pytest.raises(InputError, match="Give it more time with --time"):
        build_runner(tmp_path, tmp_path, table, ["a"], 540.0, 0.0, 3, print)


def test_a_pack_that_is_too_large_names_its_largest_file(tmp_path):
    (tmp_path / "large.bin").write_bytes(bytes(3000))
    (tmp_path / "small.bin").write_bytes(bytes(100))
    refuse_large(tmp_path, 3100)
    with pytest.raises(InputError, match=r"The pack has 4 KiB.*large\.bin with 3 KiB"):
        refuse_large(tmp_path, 3099)


def test_rows_on_a_data_set_that_is_not_compressed_are_refused(tmp_path, table, fake_git):
    with pytest.raises(InputError, match=r'four times larger.*\[dataset.tiny-webp\] of = "tiny"'):
        pack(tmp_path, table, ["plain"])
    with pytest.raises(InputError, match="was not packed to the end"):
        read_manifest(tmp_path / "pack")


def test_a_folder_with_other_files_is_not_written_over(tmp_path, table):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "mine.txt").touch()
    with pytest.raises(InputError, match="is not empty and holds no pack"):
        pack(tmp_path, table)
    with pytest.raises(InputError, match="Make a pack with fer gpu pack"):
        read_manifest(tmp_path / "pack")


def test_a_copy_of_the_project_that_is_no_clone_cannot_be_packed(tmp_path, table, monkeypatch):
    monkeypatch.setattr("fer_core.gpu.pack._PROJECT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(InputError, match="Pack from a git clone of it"):
        pack(tmp_path, table)


def test_first_weights_are_laid_where_torch_looks_for_them(tmp_path, table, fake_git, monkeypatch):
    from fer_core.gpu.start import unpack

    def write(path, rows):
        with ZipFile(path, "w") as archive:
            archive.writestr("a.pth", b"weights")
        return ["a.pth"]

    monkeypatch.setattr("fer_core.gpu.pack.pack_weights", write)
    manifest = pack(tmp_path, table)
    assert manifest["weights"] == ["a.pth"]
    unpack(tmp_path / "pack", tmp_path / "work", manifest)
    assert (tmp_path / "work" / "torch" / "hub" / "checkpoints" / "a.pth").read_bytes() == b"weights"
    unpack(
        tmp_path / "pack", tmp_path / "old", {key: manifest[key] for key in ("id", "wheels")}
    )  # of an earlier version


def test_wheels_for_another_python_end_the_start_with_a_sentence(tmp_path, table, fake_git):
    wheels = write_wheel(tmp_path / "wheels", "thing-1.0-cp399-cp399-manylinux2014_x86_64.whl")
    rows = pick_rows(table, [])
    write_pack(tmp_path / "pack", table, rows, {}, (), wheels, "3.99", 10**7, no_progress)
    command = [sys.executable, "-I", str(tmp_path / "pack" / "start.py"), "--out", str(tmp_path / "out")]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "The wheels are for Python 3.99, this is 3." in answer.stderr
