"""What is asked of Slurm, and what is said where it is not there."""

import pytest

from fer_core.errors import InputError
from fer_core.runners import slurm, submit
from fer_core.runners.slurm import SlurmOptions
from fer_core.runs.create import create_run
from fer_core.runs.find import list_runs
from tests.helpers.queue import config
from tests.helpers.samples import make_dataset


def test_without_submitit_or_sbatch_one_sentence_says_what_to_do_and_no_run_is_left(tmp_path, monkeypatch):
    make_dataset(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"sbatch is not installed on this machine\. Log in to"):
        submit.submit(config(1), "test", SlurmOptions())
    monkeypatch.setattr(slurm, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"Run pip install submitit"):
        submit.submit(config(1), "test", SlurmOptions())
    assert list_runs() == []


def test_a_run_that_never_reached_slurm_can_be_taken_back(tmp_path):
    make_dataset(tmp_path)
    run = create_run(config(1), "test")
    slurm.write_options(run, SlurmOptions())
    run.job.queue()
    assert run.state == "queued"
    submit.cancel(run)
    assert run.state == "stopped"


@pytest.mark.parametrize(
    ("wanted", "gpus", "device"), [("auto", 0, "cpu"), ("auto", 2, "cuda"), ("cpu", 2, "cpu"), ("cuda:1", 0, "cuda:1")]
)
def test_the_device_is_told_by_what_slurm_gives_not_by_this_machine(wanted, gpus, device):
    auto = config(1).model_copy(update={"device": wanted})
    assert slurm.place(auto, SlurmOptions(gpus=gpus)).device == device


def test_the_batch_script_asks_for_what_was_chosen(tmp_path):
    text = pytest.importorskip("submitit.slurm.slurm")._make_sbatch_string(
        command="true",
        folder=tmp_path,
        **slurm._sbatch_parameters(SlurmOptions(partition="long", time_min=90, gpus=2, cpus=6, memory_gb=7.5)),
    )
    asked = {"partition=long", "time=90", "gpus-per-node=2", "cpus-per-task=6", "mem=7680MB"}
    assert asked <= {line.removeprefix("#SBATCH --") for line in text.splitlines()}


def test_what_is_not_asked_is_left_to_the_cluster():
    assert not {"partition", "gpus_per_node", "mem"} & set(slurm._sbatch_parameters(SlurmOptions()))
