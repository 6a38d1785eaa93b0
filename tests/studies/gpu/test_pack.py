"""What goes into a pack; the code that is archived is this clone's last commit."""

import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from fer_core.base.files import write_json
from fer_core.base.progress import no_progress
from fer_core.errors import InputError
from fer_core.studies.gpu.pack import CODE, Order, list_sizes, pick_rows, read_manifest, refuse_large, write_pack
from fer_core.studies.gpu.work import build_runner, prepare
from tests.helpers.samples import make_dataset
from tests.helpers.tables import HEAD, row, write_file

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
    folder.mkdir(exist_ok=True)
    with ZipFile(folder / name, "w") as wheel:
        wheel.writestr("thing.py", "")
    return folder


def pack(tmp_path, table, names=(), most_bytes=10**7, wheels=None):
    rows = pick_rows(table, list(names))
    return write_pack(
        tmp_path / "pack",
        Order(table=table, rows=rows, places={}, packages=(), wheels=wheels, python="3.12", most_bytes=most_bytes),
        no_progress,
    )


def test_rows_of_the_group_are_packed_or_those_that_are_named_with_what_they_need(table):
    assert [row.name for row in pick_rows(table, [])] == ["a"]
    assert [row.name for row in pick_rows(table, ["m"])] == ["a", "b", "m"]
    with pytest.raises(InputError, match=r'no row with group = "other" \(gpu\)'):
        pick_rows(table, [], "other")
    with pytest.raises(InputError, match="There is no row 'z'"):
        pick_rows(table, ["z"])


def test_a_row_of_which_nothing_is_run_is_not_packed(tmp_path):
    old = row("old", "recorded", 'group = "gpu"\nrecorded = [{ on = 2026-01-02, test = 66.0 }]\n')
    table = write_file(tmp_path, old, on_small(row("a", more='group = "gpu"\n')), head=SMALL)
    assert [row.name for row in pick_rows(table, [])] == ["a"]
    with pytest.raises(InputError, match="The row old has recorded figures only"):
        pick_rows(table, ["old"])
    with pytest.raises(InputError, match='no row with group = "gpu"'):
        pick_rows(write_file(tmp_path, old, head=SMALL), [])


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
    assert not (tmp_path / "pack").exists()


def fail(*args, **options):
    raise InputError("stopped")


@pytest.mark.parametrize("step", ["fetch_wheels", "ensure_dataset", "pack_weights", "_pack_table", "refuse_large"])
def test_an_earlier_pack_stays_whole_when_a_new_one_fails(tmp_path, table, fake_git, monkeypatch, step):
    before = pack(tmp_path, table)
    monkeypatch.setattr("fer_core.studies.gpu.pack.fetch_wheels", lambda packages, folder, python: write_wheel(folder))
    monkeypatch.setattr(f"fer_core.studies.gpu.pack.{step}", fail)
    with pytest.raises(InputError, match="stopped"):
        write_pack(
            tmp_path / "pack",
            Order(
                table=table,
                rows=pick_rows(table, []),
                places={},
                packages=("x",),
                wheels=None,
                python="3.12",
                most_bytes=10**7,
            ),
            no_progress,
        )
    assert read_manifest(tmp_path / "pack") == before
    assert (tmp_path / "pack" / "datasets" / "small.zip").is_file()
    assert not list(tmp_path.glob(".pack*"))


def test_a_pack_that_is_too_large_leaves_none_that_would_be_accepted(tmp_path, table, fake_git):
    with pytest.raises(InputError, match="the limit is 2 KiB"):
        pack(tmp_path, table, most_bytes=2000)
    assert not list(tmp_path.glob("*pack*"))


def test_the_wheels_of_the_pack_that_is_replaced_can_be_packed_again(tmp_path, table, fake_git):
    pack(tmp_path, table, wheels=write_wheel(tmp_path / "wheels"))
    again = pack(tmp_path, table, wheels=tmp_path / "pack" / "wheels")
    assert [wheel["name"] for wheel in again["wheels"]] == ["thing-1.0-py3-none-any.whl"]
    assert (tmp_path / "pack" / "wheels" / "thing-1.0-py3-none-any.whl").is_file()


@pytest.mark.parametrize(
    ("python", "wheels", "message"),
    [
        ("3.x", None, r"--python: expected a version such as 3\.12, got '3\.x'"),
        ("3.12", "none here", "--wheels: the folder .*none here.* does not exist"),
        ("3.12", ".", "--wheels: .* contains no wheels"),
        ("3.12", None, r"needs tiny-source/fer2013\.csv, .* --data FOLDER, .* --source fer2013=PATH"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_made_or_fetched(tmp_path, monkeypatch, python, wheels, message):
    for step in ("fetch_wheels", "_write_code", "ensure_dataset"):
        monkeypatch.setattr(f"fer_core.studies.gpu.pack.{step}", lambda *_: pytest.fail("it was begun"))
    (tmp_path / "other").mkdir()
    table = write_file(tmp_path, on_small(row("a", more='group = "gpu"\n')), head=SMALL)
    folder = tmp_path / "other" / wheels if wheels else None
    with pytest.raises(InputError, match=message) as error:
        write_pack(
            tmp_path / "pack",
            Order(
                table=table,
                rows=list(table.rows.values()),
                places={},
                packages=("x",),
                wheels=folder,
                python=python,
                most_bytes=10**7,
            ),
            no_progress,
        )
    assert "fer results run" not in str(error.value)


def test_a_folder_with_other_files_is_not_written_over(tmp_path, table):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "mine.txt").touch()
    with pytest.raises(InputError, match="is not empty and is not a pack"):
        pack(tmp_path, table)
    with pytest.raises(InputError, match=r"mine\.txt is a file"):
        write_pack(
            tmp_path / "pack" / "mine.txt",
            Order(table=table, rows=[], places={}, packages=(), wheels=None, python="3.12", most_bytes=10**7),
            no_progress,
        )
    with pytest.raises(InputError, match="Make a pack with fer gpu pack"):
        read_manifest(tmp_path / "pack")


def test_a_copy_of_the_project_that_is_no_clone_cannot_be_packed(tmp_path, table, monkeypatch):
    monkeypatch.setattr("fer_core.studies.gpu.pack._PROJECT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(InputError, match="Pack from a git clone of it"):
        pack(tmp_path, table)


def test_first_weights_are_laid_where_torch_looks_for_them(tmp_path, table, fake_git, monkeypatch):
    from fer_core.studies.gpu.start import unpack

    def write(path, rows):
        with ZipFile(path, "w") as archive:
            archive.writestr("a.pth", b"weights")
        return ["a.pth"]

    monkeypatch.setattr("fer_core.studies.gpu.pack.pack_weights", write)
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
    write_pack(
        tmp_path / "pack",
        Order(table=table, rows=rows, places={}, packages=(), wheels=wheels, python="3.99", most_bytes=10**7),
        no_progress,
    )
    command = [sys.executable, "-I", str(tmp_path / "pack" / "start.py"), "--out", str(tmp_path / "out")]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "The wheels are for Python 3.99, but this is 3." in answer.stderr
