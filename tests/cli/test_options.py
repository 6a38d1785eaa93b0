import pytest
import typer.main

from fer_core.cli import app
from fer_core.cli.options import NamedTraining, Place, Training
from fer_core.errors import InputError
from fer_core.runs.config import TrainConfig

TRAINING = {"--dataset", "--preset", "--model", "--device", "--set"}
SLURM = {"--on", "--partition", "--time", "--gpus", "--cpus", "--memory-gb"}


def options_of(*names: str) -> set[str]:
    """The options of the command of these names, such as ("search", "start")."""
    command = typer.main.get_command(app)
    for name in names:
        command = command.commands[name]
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("train",), TRAINING | {"--epochs", "--seed", "--name"}),
        (("submit",), TRAINING | {"--epochs", "--seed", "--name"} | SLURM),
        (("kfold",), TRAINING | {"--epochs", "--seed", "--name"}),
        (("search", "start"), TRAINING | {"--epochs", "--seed"} | SLURM),
        (("lr-range",), TRAINING | {"--seed"}),
        (("bench", "train"), TRAINING),
        (("extend",), SLURM | {"--epochs", "--name", "--set"}),
    ],
)
def test_commands_that_train_share_their_options(names, expected):
    assert options_of(*names) >= expected


def test_a_setting_goes_before_an_option_and_an_option_before_the_preset():
    training = NamedTraining(dataset="tiny", preset="quick", epochs=3, seed=1, set_=["seed=2"])
    config = training.config()
    assert (config.epochs, config.seed, config.name) == (3, 2, "quick")
    assert config.input_px == Training(dataset="tiny", preset="quick").config().input_px != 0


def test_what_is_not_named_keeps_the_configs_default():
    assert Training(dataset="tiny").config(seed=None) == TrainConfig(dataset="tiny")


def test_what_only_slurm_can_be_asked_for_is_refused_here_and_passed_there():
    assert Place().slurm(parallel=None) is None
    with pytest.raises(InputError, match=r"gpus, parallel: available on Slurm only\. Add --on slurm"):
        Place(gpus=1).slurm(parallel=2)
    options = Place(where="slurm", gpus=1, time_min=30).slurm(parallel=2)
    assert (options.gpus, options.time_min, options.parallel) == (1, 30, 2)
