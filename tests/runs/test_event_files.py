"""TensorBoard event files, read back record by record."""

import struct

import pytest

from fer_core.base import extras
from fer_core.errors import InputError
from fer_core.export.run import export_run
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.event_files import TAGS
from fer_core.runs.run import split_metrics
from fer_core.training.process import train_run
from tests.helpers.samples import make_dataset
from tests.helpers.trained import Stop
from tests.helpers.training import TINY

pytest.importorskip("tensorboardX")


@pytest.fixture(autouse=True)
def tiny(tmp_path):
    make_dataset(tmp_path)


def read_scalars(folder):
    """[(tag, epoch, value)] of all event files of a folder, in the order of writing."""
    from tensorboardX.proto.event_pb2 import Event

    scalars = []
    for path in sorted(folder.glob("events.*")):
        data, at = path.read_bytes(), 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            event = Event.FromString(data[at + 12 : at + 12 + length])  # after the length and its checksum
            at += 12 + length + 4
            scalars += [(value.tag, event.step, value.simple_value) for value in event.summary.value]
    return scalars


def written(run):
    epochs, _ = split_metrics(run.metrics())
    return [(tag, line.epoch, pytest.approx(getattr(line, name))) for line in epochs for name, tag in TAGS.items()]


@pytest.mark.parametrize("stop_after", [None, 5], ids=["in one go", "resumed in epoch 2"])
def test_each_epoch_stands_once_in_the_event_files_also_after_a_resume(stop_after):
    run = create_run(build_config({**TINY, "tensorboard": True}), "test")
    train_run(run, Stop(stop_after))
    if stop_after is not None:
        assert run.exit.state == "stopped"
        assert {epoch for _, epoch, _ in read_scalars(run.path / "tensorboard")} == {1}
        train_run(run, Stop())
    assert run.exit.state == "finished"
    scalars = read_scalars(run.path / "tensorboard")
    assert len(scalars) == 3 * len(TAGS)
    assert scalars == written(run)


def test_a_run_writes_none_unless_asked_and_its_metrics_can_be_converted_later(tmp_path):
    run = create_run(build_config(TINY), "test")
    train_run(run, Stop())
    assert not (run.path / "tensorboard").exists()
    export_run(run, tmp_path / "out", tensorboard=True)
    assert read_scalars(tmp_path / "out" / "tensorboard") == written(run)


def test_a_training_that_cannot_write_them_is_refused_before_a_folder_is_made(workspace, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda package: None)
    with pytest.raises(InputError, match=r"needs tensorboardX, which is not installed\. Run pip install"):
        create_run(build_config({**TINY, "tensorboard": True}), "test")
    assert not list((workspace / "runs").glob("*"))
