"""The command line of a training that Python started."""

import shlex

from fer_core.runs.config import build_config, parse_settings
from fer_core.runs.create import tell_command
from fer_core.runs.presets import preset


def test_the_command_gives_the_very_config_again():
    config = preset("quick", dataset="demo", flip=False, name="two words", labels_from="a,b")
    words = shlex.split(tell_command(config, "train"))
    assert words[:4] == ["fer", "train", "--dataset", "demo"]
    assert build_config({"dataset": "demo", **parse_settings(words[5::2])}) == config


def test_what_has_its_default_is_not_in_the_command():
    assert tell_command(build_config({"dataset": "demo"}), "submit") == "fer submit --dataset demo"
