import dataclasses
import math

import pytest

from fer_core.runs.config import build_config
from fer_core.runs.diagnosis import diagnose, read_signs
from fer_core.runs.info import EpochLine


def lines(val, val_loss=None, train=None, train_loss=None):
    """Epoch lines of these curves; without `train`, of a run that did not score training faces as they are."""
    val_loss = val_loss or [2 - accuracy for accuracy in val]
    return [
        EpochLine(
            epoch=i + 1, val_accuracy=val[i], val_loss=val_loss[i],
            **({"train_clean_accuracy": train[i], "train_clean_loss": (train_loss or val_loss)[i]} if train else {}),
        )
        for i in range(len(val))
    ]  # fmt: skip


def rise(to, n=20, speed=0.4, start=0.2):
    """A curve that rises to `to` and levels off."""
    return [to - (to - start) * math.exp(-speed * i) for i in range(n)]


STEEP = [0.2 + 0.02 * i for i in range(20)]
JUMPS = [0.6 + 0.1 * (-1) ** i for i in range(20)]
TURNED = [2 - 0.1 * i if i < 8 else 1.3 + 0.03 * (i - 8) for i in range(20)]
WHOLE = {"epochs": 20}

CASES = [
    pytest.param(lines(rise(0.5, 4), train=rise(0.5, 4)), {}, "too early to say", "After 4 epochs", id="four epochs"),
    pytest.param([], {}, "too early to say", "After 0 epochs the curves are not yet informative. Wait for 5 epochs.",
                 id="no epoch"),
    pytest.param(lines(rise(0.9, 3)), {"epochs": 3}, "too early to say", "Train for more", id="a run of three"),
    pytest.param(lines(rise(0.7), train=rise(0.72)), {"epochs": 60}, "too early to say", "Let the run continue",
                 id="mid-way"),
    pytest.param(lines(rise(0.7), train=rise(0.72)), {"epochs": 60, "schedule": "plateau"}, "good fit",
                 "Look at its errors", id="mid-way on a plateau"),
    pytest.param(lines(rise(0.7)), WHOLE, "too early to say", "training accuracy unknown: validation has stalled",
                 id="old run"),
    pytest.param(lines(rise(0.7), TURNED), WHOLE, "overfitting", "risen since epoch 8 while the accuracy stayed",
                 id="old run, loss turned up"),
    pytest.param(lines(rise(0.45), train=rise(0.46)), WHOLE, "underfitting", "does not fit its own training faces",
                 id="learns little"),
    pytest.param(lines(STEEP, train=STEEP), WHOLE, "still improving", "gains 2.0 points an epoch. Train longer "
                 "(epochs=40).", id="rises at the end"),
    pytest.param(lines(STEEP, train=STEEP), {"epochs": 30}, "still improving", "Let the run continue.", id="rises"),
    pytest.param(lines(rise(0.7), train=rise(0.76)), WHOLE, "good fit", "Train 76.0 % against 70.0 % validation "
                 "at epoch 20", id="levelled off"),
    pytest.param(lines(rise(0.68), train=rise(0.96)), WHOLE, "overfitting", "Train 96.0 % against 68.0 % validation "
                 "at epoch 20: it memorises training faces. Try mixup=0.2, dropout=0.3, more weight_decay "
                 "(it is 0.0005), or stop earlier (early_stopping=10).", id="wide gap"),
    pytest.param(lines(rise(0.68), TURNED, rise(0.75)), WHOLE, "overfitting", "risen since epoch 8",
                 id="loss turned up"),
    pytest.param(lines(rise(0.68), train=rise(0.96)), {**WHOLE, "mixup": 0.2, "dropout": 0.5, "early_stopping": 9},
                 "overfitting", "Try more weight_decay (it is 0.0005).", id="what is done already is not advised"),
    pytest.param(lines(JUMPS, train=JUMPS), WHOLE, "unstable", "jumps by 10 points", id="jumps"),
]  # fmt: skip


@pytest.mark.parametrize(("epochs", "values", "verdict", "words"), CASES)
def test_a_curve_has_its_verdict_and_a_sentence_with_a_next_step(epochs, values, verdict, words):
    found = diagnose(epochs, build_config({"dataset": "x", **values}))
    assert found.verdict == verdict, found.sentence
    assert words in found.sentence


def test_the_signs_are_read_off_the_curves_at_the_best_epoch_and_at_the_last():
    val, train = [0.5, 0.6, 0.7, 0.6, 0.6, 0.6], [0.5, 0.7, 0.9, 1.0, 1.0, 1.0]
    signs = read_signs(lines(val, [1.0, 0.8, 0.9, 1.0, 1.1, 1.2], train, [1.0, 0.6, 0.4, 0.2, 0.1, 0.1]))
    assert (signs.best_epoch, signs.last_epoch) == (3, 6)
    assert (signs.accuracy_gap, signs.last_accuracy_gap) == (0.2, 0.4)
    assert (signs.loss_gap, signs.last_loss_gap) == (0.5, 1.1)
    assert signs.loss_risen_since == 2
    assert not signs.accuracy_held
    assert signs.val_slope == pytest.approx(-0.01)
    assert signs.val_spread == pytest.approx(0.037417, abs=1e-5)


def test_a_falling_loss_and_one_bad_last_epoch_are_no_rise():
    falling = [2 - 0.05 * i for i in range(20)]
    assert read_signs(lines(rise(0.7), falling)).loss_risen_since is None
    assert read_signs(lines(rise(0.7), [*falling[:10], *[1.5] * 7, 1.52, 1.52, 1.65])).loss_risen_since is None


def test_the_document_holds_all_signs():
    found = diagnose(lines(rise(0.7), train=rise(0.76)), build_config({"dataset": "x", "epochs": 20}))
    assert found.to_dict()["signs"] == dataclasses.asdict(found.signs)
    assert diagnose([], build_config({"dataset": "x"})).to_dict()["signs"] is None
