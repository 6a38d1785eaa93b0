"""Several ranks: played in this process where that is enough, else started by torchrun on the CPU."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree

import psutil
import pytest
import torch
from filelock import FileLock

from fer_core.base.devices import list_slots
from fer_core.errors import InputError
from fer_core.jobs.processes import find_family
from fer_core.runners import submit
from fer_core.runners.follow import stop_and_wait
from fer_core.runners.launch import train_command
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.run import Run
from fer_core.training import prepare
from fer_core.training import process as train
from fer_core.training.distributed import Ranks
from fer_core.training.process import train_run
from fer_core.training.trainer import Stopped, Trainer
from tests.helpers.project import ROOT
from tests.helpers.queue import LONG, supervisor_is_gone, trained
from tests.helpers.ranks import Played
from tests.helpers.samples import make_dataset
from tests.helpers.trained import Stop
from tests.helpers.training import TINY, epochs_of, last_weights
from tests.helpers.waiting import wait

SHARED = {"mixup": 0.4, "cutmix": 1.0, "balance": "sampler", "erasing": 0.5}


@pytest.fixture(autouse=True)
def tiny(tmp_path):
    return make_dataset(tmp_path)


def new_run(**values):
    return create_run(build_config({**TINY, "devices": 2, **values}), "test")


def inputs_of(ranks):
    """What the network of this rank is given in each step of a training."""
    one = Trainer(new_run(**SHARED), Stop(), ranks)
    one.run.last_checkpoint.parent.mkdir()
    seen = []
    one.step.model.register_forward_pre_hook(lambda model, x: seen.append(x[0].clone()) if model.training else None)
    one.train()
    return seen, sorted(path.name for path in one.run.path.rglob("*") if path.is_file())


def test_the_ranks_together_see_the_very_batches_that_one_process_sees():
    alone, _ = inputs_of(Ranks())
    first, second = (inputs_of(Played(rank=rank, size=2))[0] for rank in range(2))
    assert len(alone) == len(first) == len(second) == 9
    for whole, *parts in zip(alone, first, second, strict=True):
        assert torch.equal(whole, torch.cat(parts))


def test_the_first_rank_alone_writes_files():
    assert inputs_of(Played(rank=1, size=2))[1] == ["config.json", "run.json"]


def test_ranks_drop_different_units_and_the_first_those_of_a_process_alone():
    def seed_of(ranks):
        one = Trainer(new_run(dropout=0.5), Stop(after=1), ranks)
        one.run.last_checkpoint.parent.mkdir()
        seeds = []
        one.step.model.dropout.register_forward_hook(lambda *args: seeds.append(torch.initial_seed()))
        with pytest.raises(Stopped):
            one.train()
        return seeds[0]

    alone, first, second = (seed_of(ranks) for ranks in (Ranks(), Played(rank=0, size=2), Played(rank=1, size=2)))
    assert alone == first != second


def test_a_batch_that_cannot_be_shared_equally_is_refused():
    with pytest.raises(InputError, match="A batch of 5 faces cannot be shared equally by 2 processes"):
        Ranks(rank=0, size=2).part(5)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"devices": 3, "device": "cuda", "batch_size": 6}, "3 GPUs were requested, but this machine has 2"),
        ({"devices": 2, "device": "cuda:1"}, "2 is not possible with device=cuda:1"),
        ({"devices": 2, "device": "mps"}, "2 is not possible with device=mps"),
        ({"devices": 2, "batch_size": 5}, "a batch of 5 faces cannot be shared equally by 2 processes"),
        ({"devices": 4, "batch_size": 4}, "at least 2 faces each"),
        ({"devices": 2, "batch_size": 16}, "14 training faces do not fill a batch of 16"),
    ],
    ids=["too many GPUs", "one GPU by name", "mps", "remainder", "one face each", "few faces"],
)
def test_what_several_processes_cannot_train_is_refused_before_a_folder_is_made(
    workspace, monkeypatch, values, message
):
    monkeypatch.setattr("fer_core.runs.fits.list_devices", lambda: ["cuda:0", "cuda:1", "cpu"])
    with pytest.raises(InputError, match=message):
        new_run(**values)
    assert not list((workspace / "runs").glob("*"))


def test_several_devices_are_started_by_torchrun_and_one_as_ever():
    assert train_command(new_run(devices=1))[1:3] == ["-m", "fer_core.training.process"]
    command = train_command(new_run())
    assert command[1:6] == ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def test_a_slot_is_held_of_every_gpu_and_one_of_the_cpu():
    assert list_slots("cuda:0", 3) == ["cuda:0", "cuda:1", "cuda:2"]
    assert list_slots("cuda:1", 1) == ["cuda:1"]
    assert list_slots("cpu", 3) == ["cpu"]


@pytest.fixture
def on_two_gpus(monkeypatch):
    """A run for two GPUs whose trainer ends at once, to be trained by the first rank of two."""
    monkeypatch.setattr("fer_core.runs.fits.list_devices", lambda: ["cuda:0", "cuda:1", "cpu"])
    monkeypatch.setattr(train, "_train", lambda run, stop, ranks, work: "")
    return new_run(device="cuda"), Played(local_size=2)


def test_a_run_waits_until_all_its_gpus_are_free(on_two_gpus):
    run, ranks = on_two_gpus
    with FileLock(run.path.parent / ".slot-cuda-1.lock"):
        assert train_run(run, Stop(after=1), ranks) == "stopped"
    assert "while waiting for the device" in run.exit.message
    assert train_run(run, Stop(), ranks) == "finished"


def test_a_run_taken_out_of_the_queue_while_it_waits_is_not_trained(on_two_gpus):
    run, ranks = on_two_gpus

    class Cancel:
        def check(self):
            assert run.exit is None, "it waits all the same"
            run.job.ask_to_stop()

    with FileLock(run.path.parent / ".slot-cuda-1.lock"):
        assert train_run(run, Cancel(), ranks) == "stopped"


def torchrun(run, *arguments):
    """Trains the run with two ranks to its end, or to a stop; returns the weights of each."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    script = [str(Path(__file__).with_name("train_ranks.py")), str(run.path), *map(str, arguments)]
    answer = subprocess.run([*command, *script], capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return [torch.load(run.path / f"rank{rank}.pt", weights_only=True) for rank in range(2)]


STEPS = {**SHARED, "clip_norm": 0.5, "ema": 0.9, "freeze_epochs": 1, "unfreeze_epochs": 1}


def parameters(state):
    return {name: tensor for name, tensor in state.items() if not name.endswith(("mean", "var", "tracked"))}


@pytest.mark.slow
def test_two_ranks_take_the_steps_of_one_process_that_norms_each_half_of_a_batch_by_itself(monkeypatch):
    shared = new_run(**STEPS)
    first, second = torchrun(shared)
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())

    def in_halves(*args):
        model = build(*args)
        forward = model.forward
        model.forward = lambda x: torch.cat([forward(half) for half in x.chunk(2)]) if model.training else forward(x)
        return model

    build = prepare.build_model
    monkeypatch.setattr(prepare, "build_model", in_halves)
    alone = new_run(**STEPS, devices=1)
    train_run(alone, Stop())
    assert shared.exit.state == alone.exit.state == "finished"
    for name, tensor in parameters(last_weights(alone)).items():
        assert torch.allclose(first[name], tensor, atol=1e-6, rtol=1e-4), name
    losses = [[line["train_loss"] for line in epochs_of(run)] for run in (shared, alone)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


@pytest.mark.slow
def test_a_stop_heard_by_one_rank_ends_all_at_the_same_step_and_any_number_goes_on():
    whole, halted = new_run(), new_run()
    torchrun(whole)
    torchrun(halted, 6)  # looks: three steps and the two judgements of an epoch, then one step
    assert halted.exit.state == "stopped"
    assert torch.load(halted.last_checkpoint, weights_only=True)["step"] == 4
    alone = Run(copytree(halted.path, halted.path.with_name("alone")))

    torchrun(halted)
    weights = parameters(last_weights(whole))
    assert all(torch.equal(weights[name], tensor) for name, tensor in parameters(last_weights(halted)).items())
    losses = [[line["train_loss"] for line in epochs_of(run)] for run in (whole, halted)]
    assert losses[0] == losses[1]

    train_run(alone, Stop())
    assert [line["step"] for line in epochs_of(alone)] == [3, 6, 9]
    assert halted.exit.state == alone.exit.state == "finished"


@pytest.mark.slow
def test_two_ranks_go_on_with_what_one_process_began():
    run = new_run()
    train_run(run, Stop(after=5))
    assert run.exit.state == "stopped"
    first, second = torchrun(run)
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())
    assert [line["step"] for line in epochs_of(run)] == [3, 6, 9]


def living(family):
    return [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def at_work():
    """A run of two ranks that a supervisor has started, with its processes: torchrun and the ranks."""
    run = submit.submit(new_run(epochs=LONG).config, "test")
    try:
        wait(lambda: trained(run) and run.last_checkpoint.is_file(), run)
        family = find_family(run.path / "process.json")
        assert len(family) == 3
        yield run, family
    finally:
        submit.kill(run)
        supervisor_is_gone(run)


@pytest.mark.slow
def test_stop_ends_all_ranks_in_good_order(at_work):
    run, family = at_work
    stop_and_wait(run)
    assert run.state == "stopped"
    wait(lambda: not living(family), run)
    assert "Traceback" not in run.log_tail(10**6)


@pytest.mark.slow
def test_torchrun_passes_a_stop_on_to_the_ranks(at_work):
    run, family = at_work
    family[0].terminate()
    wait(lambda: not living(family), run)
    assert run.exit.message == "stopped; resume continues from its last checkpoint"


@pytest.mark.slow
def test_kill_leaves_no_process_behind(at_work):
    run, family = at_work
    submit.kill(run)
    assert not living(family)
    assert run.state in ("stopped", "failed")


@pytest.mark.slow
def test_ranks_whose_torchrun_was_killed_end_with_a_checkpoint(at_work):
    run, family = at_work
    family[0].kill()
    wait(lambda: not living(family), run)
    assert run.state in ("stopped", "failed")


@pytest.mark.gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
def test_two_gpus_take_the_steps_of_one():
    both, alone = new_run(device="cuda"), new_run(device="cuda", devices=1)
    first, second = torchrun(both)
    train_run(alone, Stop())
    assert both.exit.state == alone.exit.state == "finished"
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())
    for name, tensor in last_weights(alone).items():
        assert torch.allclose(first[name].cpu().float(), tensor.float(), atol=1e-3), name
