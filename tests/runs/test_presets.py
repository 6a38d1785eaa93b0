import math

import pytest
import torch

from fer_core.errors import InputError
from fer_core.runs.config import TrainConfig, build_config
from fer_core.runs.create import create_run
from fer_core.runs.presets import PRESETS, preset_values
from fer_core.training.trainer import Trainer
from tests.helpers.samples import make_dataset
from tests.helpers.trained import Stop

BIG = ("resnet18", "resnet50", "resnet50-transfer", "vgg19", "scratch-44", "efficientnet", "late", "lite", "student")
MACHINE = {"threads": 1, "device": "cpu", "precision": "float32"}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_valid_config_that_sets_no_machine_and_tells_its_source(name):
    config = build_config({"dataset": "demo", **preset_values(name)})
    groups = {TrainConfig.model_fields[field].json_schema_extra["group"] for field in preset_values(name)}
    assert not groups & {"Machine", "Data"}
    assert config.test_views != "ten_crop" or config.crop_px
    assert PRESETS[name].about.endswith(".")
    assert PRESETS[name].source.endswith(".")


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in BIG else n for n in PRESETS])
def test_every_preset_builds_its_network_and_takes_a_step(tmp_path, name):
    make_dataset(tmp_path)
    values = {**preset_values(name), **MACHINE, "dataset": "tiny", "init": "scratch", "epochs": 1}
    if "teacher_views" in values:
        values |= {"teacher": "bundled", "teacher_views": 2}
    trainer = Trainer(create_run(build_config(values), "test"), Stop())
    before = [parameter.clone() for parameter in trainer.step.model.parameters()]
    trainer._train_epoch(0)
    trainer.metrics.close()
    loss_sum, _, n_faces, _ = trainer.step.tally.tolist()
    assert (trainer.step.n_done, n_faces) == (1, 14)
    assert math.isfinite(loss_sum)
    assert any(not torch.equal(a, b) for a, b in zip(before, trainer.step.model.parameters(), strict=True))


def test_the_preset_of_one_name_is_a_copy_that_may_be_changed():
    preset_values("quick")["epochs"] = 1
    assert preset_values("quick")["epochs"] == 8


def test_an_unknown_preset_lists_those_that_there_are():
    with pytest.raises(InputError, match="choose one of quick, fast, compact"):
        preset_values("slow")
