import json
import subprocess

import pytest

from fer_core.errors import InputError
from fer_core.studies.gpu import measure
from fer_core.studies.gpu.measure import BENCH, measure_training, read_speed
from tests.helpers.samples import make_dataset

TINY = {"model": "compact_small", "input_px": "24", "batch_size": "4", "threads": "1", "device": "cpu"}
DOCUMENT = {
    "model": "compact", "input_px": 48, "machine": "NVIDIA X1", "pipeline_efficiency": 0.912,
    "speedup_over_dataloader": 11.04,
}  # fmt: skip


@pytest.fixture
def said():
    return []


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.setattr(measure, "list_devices", lambda: ["cuda:0", "cpu"])


@pytest.mark.slow
def test_the_speed_of_a_training_is_measured_and_comes_home(tmp_path, said, gpu):
    make_dataset(tmp_path)
    measure_training(tmp_path, "tiny", 300, said.append, {**TINY, "precision": "float32"})
    assert said == [read_speed(tmp_path)]
    assert said[0].startswith("compact_small at 24 px on ")
    assert json.loads((tmp_path / BENCH).read_text())["pipeline_efficiency"] > 0


@pytest.mark.slow
def test_what_fails_is_said_and_nothing_is_written(tmp_path, said, gpu):
    measure_training(tmp_path, "none", 300, said.append)
    assert "There is no data set 'none'" in said[0]
    assert not (tmp_path / BENCH).exists()


def test_what_lasts_too_long_is_said_and_nothing_is_written(tmp_path, said, gpu, monkeypatch):
    def last(command, timeout, **options):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", last)
    measure_training(tmp_path, "tiny", 100, said.append)
    assert said[0] == "training speed was not measured: 100 s were not enough"
    assert not (tmp_path / BENCH).exists()


@pytest.mark.parametrize("hindrance", ["no GPU", "no time", "done"])
def test_nothing_is_measured_without_a_gpu_or_time_or_twice(tmp_path, said, gpu, monkeypatch, hindrance):
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: pytest.fail("measured"))
    if hindrance == "no GPU":
        monkeypatch.setattr(measure, "list_devices", lambda: ["cpu"])
    if hindrance == "done":
        (tmp_path / BENCH).write_text(json.dumps(DOCUMENT))
    measure_training(tmp_path, "tiny", 60 if hindrance == "no time" else 300, said.append)
    assert said == []


def test_the_figures_are_a_sentence_and_a_damaged_file_is_named(tmp_path):
    assert read_speed(tmp_path) == ""
    (tmp_path / BENCH).write_text(json.dumps(DOCUMENT))
    assert read_speed(tmp_path) == (
        "compact at 48 px on NVIDIA X1: 0.91 of the speed of the step alone, "
        "11.0 times that of files through a DataLoader (bench.json)."
    )
    (tmp_path / BENCH).write_text("{}")
    with pytest.raises(InputError, match=r"bench\.json is damaged .*Copy it again"):
        read_speed(tmp_path)
