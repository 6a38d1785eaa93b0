import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from fer_core.base.files import write_json
from fer_core.datasets.assembling.job import forget_assembly, list_assemblies, main, start_assembly, stop_assembly
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.dataset import dataset_names
from fer_core.errors import InputError
from fer_core.jobs import folder as folder_job
from tests.helpers.samples import make_dataset, write_fer2013, write_image


@pytest.fixture
def in_this_process(monkeypatch):
    """Jobs are left to be begun by the test."""
    monkeypatch.setattr(folder_job, "leave_detached", lambda command, log: None)


def recipe(tmp_path, **options):
    return DatasetRecipe("x", sources=(("auto", str(write_fer2013(tmp_path, **options))),))


def test_a_job_ends_with_its_data_set(tmp_path, workspace, in_this_process):
    start_assembly(recipe(tmp_path))
    (job,) = list_assemblies()
    assert (job.name, job.state, job.step) == ("x", "running", "starting")
    main(workspace / "datasets" / ".x.job")
    (job,) = list_assemblies()
    assert (job.state, job.step) == ("finished", "done")
    assert dataset_names() == ["x"]
    forget_assembly("x")
    assert list_assemblies() == []


def test_a_bad_source_is_told_in_a_sentence(tmp_path, workspace, in_this_process):
    start_assembly(recipe(tmp_path, bad=["x"]))
    main(workspace / "datasets" / ".x.job")
    (job,) = list_assemblies()
    assert job.state == "failed"
    assert "row 43: expected 3 columns, got 1" in job.message


@pytest.mark.parametrize("lock", ["alive.lock", pytest.param("job.lock", id="version 0.1")])
def test_a_job_that_died_is_told_from_its_lock(tmp_path, workspace, in_this_process, lock):
    folder = workspace / "datasets" / ".x.job"
    start_assembly(recipe(tmp_path))
    with FileLock(folder / lock):
        write_json(folder / "process.json", {"pid": 1, "created": 0})
        assert list_assemblies()[0].state == "running"
        with pytest.raises(InputError, match="is already being assembled"):
            start_assembly(recipe(tmp_path))
    (job,) = list_assemblies()
    assert (job.state, job.message) == ("lost", "Stopped unexpectedly (power loss, or the process was killed).")


def write_images(folder: Path, n: int, size: int) -> None:
    """`n` files to read, of twenty pictures: drawing each would take longer than what is tested."""
    for i in range(n):
        if i < 20:
            write_image(folder / f"{i}.png", i, size)
        else:
            (folder / f"{i}.png").hardlink_to(folder / f"{i % 20}.png")


@pytest.mark.slow
def test_a_job_at_work_can_be_stopped_and_leaves_nothing(tmp_path, workspace):
    write_images(tmp_path / "faces" / "happy", 800, size=300)
    start_assembly(DatasetRecipe("x", sources=(("folder", str(tmp_path / "faces")),), split="80:10:10"))
    ends = time.monotonic() + 60
    while list_assemblies()[0].done == 0:
        assert time.monotonic() < ends
        threading.Event().wait(0.02)
    stop_assembly("x")
    while list_assemblies()[0].state == "running":
        assert time.monotonic() < ends
        threading.Event().wait(0.02)
    assert list_assemblies()[0].state == "stopped"
    assert dataset_names() == []
    assert not (workspace / "datasets" / ".x.partial").exists()


@pytest.mark.slow
def test_a_killed_assembly_leaves_no_process_and_what_it_wrote_goes_with_the_next(tmp_path, workspace):
    write_images(tmp_path / "source" / "happy", 1200, size=48)
    command = [sys.executable, "-m", "fer_core", "data", "assemble", "x", "--source", str(tmp_path / "source")]
    process = subprocess.Popen([*command, "--split", "80:10:10"], env={**os.environ, "FER_HOME": str(workspace)})
    partial = workspace / "datasets" / ".x.partial"
    until(lambda: partial.is_dir() and len(psutil.Process(process.pid).children()) > 2)
    family = psutil.Process(process.pid).children()
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert partial.is_dir()
    assert dataset_names() == []
    make_dataset(tmp_path)
    assert not partial.exists()


def until(condition):
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        threading.Event().wait(0.005)
