"""Choosing how to compute, on steps whose cost is made up: the clock is moved by hand."""

import pytest

from fer_core.runs.config import build_config
from fer_core.training import tuning as tuning_module
from fer_core.training.tuning import Tuning, choose_tuning


@pytest.fixture
def choose(monkeypatch):
    """Chooses among steps that take as long as `cost(tuning)` says; returns the choice, its sentence and the steps."""
    clock = [0.0]
    monkeypatch.setattr(tuning_module.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(tuning_module, "n_cores", lambda: 2)
    monkeypatch.setattr(tuning_module, "_cpu_has_bfloat16", lambda: True)
    monkeypatch.setattr(tuning_module.torch, "set_num_threads", lambda n: None)

    def run(cost, **values):
        steps = []

        def step(tuning):
            steps.append(tuning)
            clock[0] += cost(tuning)

        return *choose_tuning(step, build_config({"dataset": "x", **values}), "cpu"), steps

    return run


@pytest.mark.parametrize("bfloat16", [True, False])
@pytest.mark.parametrize("channels_last", [True, False])
def test_the_quickest_precision_and_layout_are_taken_and_told(choose, bfloat16, channels_last):
    def cost(tuning):
        return (
            0.1 * (1 + (tuning.bfloat16 != bfloat16)) * (1 + (tuning.channels_last != channels_last)) * tuning.threads
        )

    best, sentence, _ = choose(cost)
    assert best == Tuning(1, bfloat16, channels_last)
    assert f"0.25 times as fast in {Tuning(1, not bfloat16, not channels_last)}" in sentence


@pytest.mark.parametrize(("gain", "threads"), [(1.1, 1), (1.9, 2), (0.05, 1)])
def test_all_cores_are_taken_only_where_they_are_clearly_quicker(choose, gain, threads):
    best, _, _ = choose(lambda tuning: 0.1 / (gain if tuning.threads == 2 else 1))
    assert best.threads == threads


def test_a_hopeless_candidate_is_tried_once(choose):
    _, _, steps = choose(lambda tuning: 0.1 * (1 if tuning.bfloat16 else 10))
    tried = [steps.count(tuning) for tuning in set(steps) if not tuning.bfloat16]
    assert tried == [1, 1]


def test_what_the_config_settles_is_not_measured_against_anything_else(choose):
    best, _, steps = choose(lambda tuning: 0.1 / tuning.threads, precision="float32", threads=1)
    assert best.threads == 1
    assert {(s.threads, s.bfloat16) for s in steps} == {(1, False)}
    all_told = {"precision": "float32", "threads": 1, "memory_format": "contiguous"}
    assert choose(lambda tuning: 0.1, **all_told) == (
        Tuning(1, False, False),
        "as set",
        [],
    )


def test_without_units_for_it_bfloat16_is_left_alone_unless_told(choose, monkeypatch):
    monkeypatch.setattr(tuning_module, "_cpu_has_bfloat16", lambda: False)
    assert not any(s.bfloat16 for s in choose(lambda tuning: 0.1)[2])
    assert choose(lambda tuning: 0.1, precision="bfloat16")[0].bfloat16
