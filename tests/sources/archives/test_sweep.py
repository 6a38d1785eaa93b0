"""What stands for archives is removed once no data set and no job uses it, and made again where it is read."""

import os
import threading

import pytest
from filelock import FileLock

from fer_core.base.files import write_json
from fer_core.base.workspace import copy_counts_dir, datasets_dir
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.dataset import delete_dataset, open_dataset
from fer_core.datasets.originals import read_originals
from fer_core.sources.archives.folder import archive_place, archives_dir, open_archive
from fer_core.sources.archives.sweep import IDLE_S, sweep_archives
from tests.helpers.archives import CLASSES, make_zip


@pytest.fixture
def archive(tmp_path):
    return make_zip(tmp_path / "faces.zip", CLASSES)


def age(place):
    """As if it had been opened long ago."""
    file = place / ".archive.json"
    then = file.stat().st_mtime - 2 * IDLE_S
    os.utime(file, (then, then))


def open_long_ago(path):
    opened, _ = open_archive(path)
    age(archive_place(path))
    return opened


def test_what_a_data_set_was_made_of_stays_until_it_is_deleted(archive):
    assemble(DatasetRecipe("zipped", sources=(("auto", str(archive)),), split="80:10:10", near=False))
    place = archive_place(archive)
    age(place)
    assert sweep_archives() == []
    assert len(list(read_originals(open_dataset("zipped"), open_dataset("zipped").rows("train")))) > 0
    delete_dataset("zipped")
    assert not place.exists()


def test_what_was_opened_lately_stays_and_what_nobody_uses_goes_and_is_made_again(archive, tmp_path):
    other = make_zip(tmp_path / "other.zip", CLASSES)
    open_long_ago(archive)
    open_archive(other)
    assert sweep_archives() == [archive_place(archive).name]
    assert archive_place(other).is_dir()
    open_long_ago(archive)
    open_archive(archive)  # opened again: it is of use once more
    assert sweep_archives() == []


@pytest.mark.parametrize("where", ["datasets", "copy counts"])
def test_what_a_job_that_has_not_ended_names_stays(archive, where):
    open_long_ago(archive)
    folder = datasets_dir() / ".x.job" if where == "datasets" else copy_counts_dir() / "x"
    folder.mkdir(parents=True)
    write_json(folder / "job.json", {"name": "x", "sources": [["auto", str(archive)]]})
    assert sweep_archives() == []
    write_json(folder / "exit.json", {"state": "done", "message": ""})
    assert sweep_archives() == [archive_place(archive).name]


def test_nothing_is_removed_while_a_data_set_is_being_assembled(archive):
    open_long_ago(archive)
    (datasets_dir() / ".busy.partial").mkdir(parents=True)
    with FileLock(datasets_dir() / ".busy.lock"):
        assert sweep_archives() == []
    assert sweep_archives() == [archive_place(archive).name]


def test_nothing_is_removed_while_some_data_set_cannot_be_read(archive):
    open_long_ago(archive)
    (datasets_dir() / "broken").mkdir(parents=True)
    (datasets_dir() / "broken" / "dataset.json").write_text("{")
    assert sweep_archives() == []


def test_one_that_another_process_is_opening_is_left_alone(archive):
    open_long_ago(archive)
    place = archive_place(archive)
    with FileLock(place.with_name(f".{place.name}.lock")):
        assert sweep_archives() == []
    assert place.is_dir()


def test_opening_and_sweeping_at_once_always_leaves_a_whole_folder(archive):
    failures = []

    def open_often():
        for _ in range(20):
            opened, _ = open_archive(archive)
            failures.extend(name for name in CLASSES if not (opened / name).is_file())

    threads = [threading.Thread(target=open_often) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        sweep_archives()
    assert failures == []


def test_what_a_killed_process_left_half_made_goes(archive):
    place = archive_place(archive)
    partial = place.with_name(f".{place.name}.partial")
    partial.mkdir(parents=True)
    sweep_archives()
    assert not partial.exists()
    assert archives_dir().is_dir()
