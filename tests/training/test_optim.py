import subprocess
import sys

import pytest
import torch

from fer_core.models.build import build_model
from fer_core.runs.config import build_config
from fer_core.training.optim import Schedule, build_optimizer


def config(**values):
    return build_config({"dataset": "x", "learning_rate": 0.1, **values})


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "radam"])
def test_weight_decay_acts_on_weights_alone(name):
    model = build_model("compact_small")
    groups = build_optimizer(model, config(optimizer=name, weight_decay=0.01)).param_groups
    decay = {id(p): group["weight_decay"] for group in groups for p in group["params"]}
    assert {decay[id(p)] for p in model.parameters() if p.ndim > 1} == {0.01}
    assert {decay[id(p)] for p in model.parameters() if p.ndim <= 1} == {0}


def test_sgd_has_nesterov_momentum():
    assert build_optimizer(torch.nn.Linear(2, 2), config(optimizer="sgd")).param_groups[0]["nesterov"]


def test_sgd_has_it_also_where_the_momentum_begins_at_nothing():
    group = build_optimizer(torch.nn.Linear(2, 2), config(momentum=0, peak_momentum=0.8)).param_groups[0]
    assert group["nesterov"]


def test_one_cycle_rises_to_the_peak_and_falls_to_nearly_nothing():
    rates = [Schedule(config(schedule="one_cycle"), 101).rate(step) for step in range(101)]
    assert rates[0] == pytest.approx(0.004)
    assert max(rates) == pytest.approx(0.1)
    assert rates.index(max(rates)) == 30
    assert rates[-1] < 1e-5
    assert rates[:31] == sorted(rates[:31])
    assert rates[30:] == sorted(rates[30:], reverse=True)


def test_the_momentum_mirrors_one_cycle_where_it_has_a_value_at_the_peak():
    schedule = Schedule(config(schedule="one_cycle", momentum=0.95, peak_momentum=0.85), 101)
    momenta = [schedule.momentum(step) for step in range(101)]
    assert [momenta[step] for step in (0, 15, 30, 65, 100)] == pytest.approx([0.95, 0.9, 0.85, 0.9, 0.95])


@pytest.mark.parametrize("values", [{"schedule": "one_cycle"}, {"schedule": "cosine", "peak_momentum": 0.8}])
def test_the_momentum_stays_without_a_value_at_the_peak_and_without_a_cycle(values):
    schedule = Schedule(config(momentum=0.95, **values), 101)
    assert {schedule.momentum(step) for step in range(101)} == {0.95}


def test_cosine_falls_from_the_peak_to_zero():
    schedule = Schedule(config(schedule="cosine"), 11)
    assert [schedule.rate(step) for step in (0, 5, 10)] == pytest.approx([0.1, 0.05, 0])


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_a_warm_up_rises_evenly_to_the_full_rate(schedule):
    warm = Schedule(config(schedule=schedule, epochs=10, warmup_epochs=2), 100)
    cold = Schedule(config(schedule=schedule, epochs=10), 100)
    shares = [warm.rate(step) / cold.rate(step) for step in range(99)]
    assert shares[:20] == pytest.approx([(step + 1) / 20 for step in range(20)])
    assert shares[20:] == pytest.approx([1.0] * 79)


def test_plateau_divides_by_ten_after_its_patience_and_remembers_over_a_resume():
    schedule = Schedule(config(schedule="plateau", plateau_patience=2), 100)
    schedule.end_epoch(0.5)
    schedule.end_epoch(0.5)
    resumed = Schedule(config(schedule="plateau", plateau_patience=2), 100)
    resumed.load_state_dict(schedule.state_dict())
    assert resumed.rate(9) == pytest.approx(0.1)
    resumed.end_epoch(0.4)
    assert resumed.rate(9) == pytest.approx(0.01)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "radam"])
def test_a_step_is_torchs_own(name):
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "radam": torch.optim.RAdam}
    ours, theirs = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    extra = {"momentum": 0.9, "nesterov": True} if name == "sgd" else {}
    pairs = [
        (ours, build_optimizer(ours, config(optimizer=name, weight_decay=0))),
        (theirs, kinds[name](theirs.parameters(), 0.1, weight_decay=0, **extra)),
    ]
    for model, optimizer in pairs:
        for scale in (1.0, -2.0, 0.5):
            optimizer.zero_grad()
            model(torch.ones(1, 3) * scale).square().sum().backward()
            optimizer.step()
    assert torch.allclose(ours.weight, theirs.weight)


@pytest.mark.slow
def test_nothing_that_learns_imports_the_compiler():
    code = (
        "import sys, numpy, torch; from fer_core.runs.config import build_config;"
        "from fer_core.studies.source_leak.net import tell_source;"
        "from fer_core.training.people_head import fit_layer;"
        "from fer_core.training.optim import build_optimizer;"
        "model = torch.nn.Linear(2, 2); optimizer = build_optimizer(model, build_config({'dataset': 'x'}));"
        "optimizer.zero_grad(); model(torch.ones(1, 2)).sum().backward(); optimizer.step();"
        "optimizer.load_state_dict(optimizer.state_dict()); fit_layer(torch.ones(2, 1, 3), torch.full((2, 7), 1 / 7));"
        "tell_source(numpy.zeros((4, 8, 8, 1), 'uint8'), numpy.array([0, 1, 0, 1]), numpy.arange(4) > 2, 0, n_steps=5);"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
