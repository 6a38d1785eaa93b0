import math
import signal
import threading
import time

import numpy as np
import pytest
from filelock import FileLock

from fer_core.errors import InputError
from fer_core.runs.config import build_config
from fer_core.runs.find import list_runs
from fer_core.studies import lr_range_job
from fer_core.studies.lr_range import Sweep, read_lr_range
from fer_core.studies.lr_range_job import (
    explain_end,
    forget_lr_range,
    list_lr_ranges,
    main,
    measure_losses,
    read_progress,
    read_result,
    start_lr_range,
    stop_lr_range,
)
from fer_core.training.distributed import Ranks
from fer_core.training.prepare import build_data, build_network
from fer_core.training.step import build_step
from tests.helpers.samples import make_dataset
from tests.helpers.training import TINY

SWEEP = Sweep(1e-5, 1.0, 100)


def curve(falls_at, lost_at=None, noise=0.0):
    """Losses of SWEEP that fall from 2 to 1 around one rate, and rise steeply from another on."""
    rng = np.random.default_rng(0)
    logs = np.log10([SWEEP.rate(step) for step in range(SWEEP.n_steps)])
    losses = 2 - 1 / (1 + np.exp(-6 * (logs - math.log10(falls_at))))
    if lost_at:
        losses += np.exp(np.minimum(8 * (logs - math.log10(lost_at)), 3)) * 0.5
    return (losses + noise * rng.standard_normal(len(losses))).tolist()


def close_to(rate):
    """Within a sixth of a decade: three steps of SWEEP."""
    return pytest.approx(rate, rel=0.5)


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_a_loss_that_falls_and_is_lost_suggests_a_third_of_the_rate_where_it_is_lost(noise):
    found = read_lr_range(curve(1e-3, 0.1, noise), SWEEP)
    assert found.steepest == close_to(1e-3)
    assert found.diverged == close_to(0.1)
    assert found.suggested == pytest.approx(found.diverged / 3, rel=0.05)
    assert f"Set learning_rate={found.suggested:g}, a third of " in found.sentence


def test_a_loss_that_only_falls_suggests_where_it_falls_fastest():
    found = read_lr_range(curve(1e-2), SWEEP)
    assert found.diverged is None
    assert found.suggested == close_to(1e-2)
    assert "--to 10" in found.sentence


def test_a_loss_that_never_falls_suggests_nothing():
    found = read_lr_range([1 + step / 100 for step in range(100)], SWEEP)
    assert (found.steepest, found.diverged, found.suggested) == (None, None, None)
    assert "does not fall at any rate" in found.sentence


def test_a_sweep_that_ended_early_was_lost_at_the_first_rate_without_a_loss():
    found = read_lr_range(curve(1e-3)[:80], SWEEP)
    assert found.diverged == SWEEP.rate(80)
    assert len(found.rates) == len(found.losses) == len(found.smoothed) == 80


def test_a_sweep_that_blew_up_at_once_says_where_to_begin():
    with pytest.raises(InputError, match=r"in step 4, at a rate of 1.4e-05. Start from a lower rate"):
        read_lr_range([2.0, 2.1, 8.5], SWEEP)


def test_rates_rise_by_one_factor_from_the_first_to_the_last():
    rates = [Sweep(0.01, 100, 41).rate(step) for step in range(41)]
    assert (rates[0], rates[-1]) == pytest.approx((0.01, 100))
    assert np.diff(np.log10(rates)) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("values", "words"),
    [((1, 0.1, 100), "are 1 to 0.1"), ((0, 1, 100), "are 0 to 1"), ((0.1, 1, 9), "9 steps are too few")],
)
def test_a_sweep_that_cannot_be_made_is_refused(values, words):
    with pytest.raises(InputError, match=words):
        Sweep(*values)


@pytest.fixture
def in_this_process(monkeypatch, tmp_path):
    """Jobs are left to be begun by the test."""
    make_dataset(tmp_path)
    monkeypatch.setattr("fer_core.jobs.folder.leave_detached", lambda command, log: None)
    monkeypatch.setattr(signal, "signal", lambda *args: None)


def start(**values):
    return start_lr_range(build_config({**TINY, **values}), "test", Sweep(1e-4, 1e3, 15))


def build(run):
    data = build_data(run, Ranks(), lambda: None)
    return data, build_step(data, build_network(run, data, Ranks()))


def test_a_range_test_ends_with_its_result_and_is_no_run(in_this_process):
    run = start(mixup=0.4, dropout=0.2, ema=0.9)
    assert run.state == "running"
    main(run.path)
    assert list_lr_ranges() == [run]
    assert list_runs() == []
    found = read_result(run)
    assert run.state == "finished", run.exit
    assert run.exit.message == found.sentence
    assert found.rates[0] == pytest.approx(1e-4)
    assert read_progress(run)[1] == 15
    assert not run.best_weights.exists()
    forget_lr_range(run)
    assert list_lr_ranges() == []


def test_a_new_range_test_takes_the_place_of_those_that_have_ended(in_this_process):
    first = start()
    second = start()  # the first waits: it stays
    main(first.path)
    assert set(list_lr_ranges()) == {second, first}
    third = start()
    assert set(list_lr_ranges()) == {third, second}


def test_its_steps_are_those_of_the_training_with_another_rate(in_this_process):
    """At the training's own rates it has the training's losses, here with all that may be random."""
    config = {"mixup": 0.4, "dropout": 0.3, "schedule": "constant", "learning_rate": 0.02, "epochs": 1}
    (data, trained), (_, swept) = (build(start(**config)) for _ in range(2))
    trained.model.train()
    for batch in data.batches.epoch(0):
        trained.take(batch)
    constant = Sweep(0.02, 0.02 * (1 + 1e-12), 10)
    losses = measure_losses(swept, [*data.batches.epoch(0)] * 4, constant, lambda *values: None)
    assert np.mean(losses[:3]) == pytest.approx(trained.read_tally()[0], abs=1e-5)


def test_each_step_is_made_at_its_rate(in_this_process):
    (data, step), rates = build(start(trunk_rate=0.5)), []
    step.optimizer.register_step_post_hook(
        lambda optimizer, *_: rates.append([group["lr"] for group in optimizer.param_groups])
    )
    sweep = Sweep(1e-4, 1e-3, 10)
    measure_losses(step, [*data.batches.epoch(0)] * 4, sweep, lambda *values: None)
    assert [rate[-1] for rate in rates] == pytest.approx([sweep.rate(step) for step in range(10)])
    assert [rate[0] for rate in rates] == pytest.approx([sweep.rate(step) / 2 for step in range(10)])


def test_a_failure_is_told_in_a_sentence(in_this_process, monkeypatch):
    monkeypatch.setattr(lr_range_job, "measure_losses", lambda *args: [2.0])
    run = start()
    main(run.path)
    assert read_result(run) is None
    assert run.exit.state == "failed"
    assert "Start from a lower rate" in explain_end(run)


def test_one_whose_process_is_gone_can_be_stopped(in_this_process):
    run = start()
    stop_lr_range(run)
    assert explain_end(run) == "The range test was stopped."
    forget_lr_range(run)
    assert list_lr_ranges() == []


@pytest.mark.slow
def test_one_that_waits_for_its_device_can_be_stopped(tmp_path, workspace):
    make_dataset(tmp_path)
    ends = time.monotonic() + 60
    (workspace / "runs").mkdir()
    with FileLock(workspace / "runs" / ".slot-cpu.lock"):
        run = start()
        while not (run.path / "waiting.json").exists():
            assert time.monotonic() < ends
            threading.Event().wait(0.02)
        assert run.state == "queued"
        stop_lr_range(run)
        while run.exit is None:
            assert time.monotonic() < ends
            threading.Event().wait(0.02)
    assert explain_end(run) == "The range test was stopped."
