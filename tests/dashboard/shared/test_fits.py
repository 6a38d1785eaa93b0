import pytest

from dashboard.shared.fits import explain_misfit
from fer_core.runs.find import list_runs
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset
from tests.helpers.training import TINY


@pytest.fixture(autouse=True)
def tiny(tmp_path):
    return make_dataset(tmp_path)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        pytest.param({"crop_px": 99}, "crop_px: 99 exceeds the 48 px of the faces of tiny", id="crop"),
        pytest.param({"learning_rate": 0}, "learning_rate: should be greater than 0, got 0", id="limits"),
        pytest.param({"model": "vgg19_bn"}, "vgg19_bn needs inputs of 32 px or more, got 24", id="input"),
        pytest.param({"init": "imagenet"}, "init: compact_small has no ImageNet weights", id="weights"),
        pytest.param({"init": "run:none"}, "There is no run", id="run"),
        pytest.param(
            {"init": "run:none", "folds": 2},
            "init and teacher: an earlier run was trained on faces that a fold leaves out",
            id="folds",
        ),
        pytest.param({"devices": 2, "device": "mps"}, "devices: 2 is not possible with device=mps", id="devices"),
        pytest.param({"labels_from": "ckplus"}, "labels_from: tiny has no source 'ckplus'", id="source"),
        pytest.param({}, "", id="fits"),
        pytest.param({"folds": 2}, "", id="fits in folds"),
    ],
)
def test_what_keeps_choices_from_being_trained_is_said_in_a_sentence(values, sentence):
    said = explain_misfit({**TINY, **values})
    assert sentence in said
    assert bool(said) == bool(sentence)


def test_the_train_page_says_what_does_not_fit_and_its_buttons_wait():
    app = open_page("train", **{"train.preset": "fast", "train.dataset": "tiny"})
    app.number_input(key="train.fast.crop_px").set_value(99).run()
    assert "crop_px: 99 exceeds the 48 px" in app.error[0].value
    assert app.button(key="train.start").disabled and app.button(key="train.lr.find").disabled
    app.number_input(key="train.fast.crop_px").set_value(44).run()
    assert not app.error
    assert not app.button(key="train.start").disabled and not app.button(key="train.lr.find").disabled
    assert list_runs() == []
