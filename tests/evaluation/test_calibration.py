import numpy as np
import pytest

from fer_core.evaluation.calibration import fit_calibration, fit_share, fit_temperature
from fer_core.evaluation.metrics import calibration_floor, expected_calibration_error, score
from fer_core.models.network import Calibration
from fer_core.models.probabilities import softmax

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_logits_too_sure_is_found_again(temperature):
    honest = RNG.normal(0, 2, (20_000, 7))
    y_true = (softmax(honest).cumsum(1) > RNG.random((20_000, 1))).argmax(1)
    fitted = fit_temperature(honest * temperature, y_true)
    assert fitted == pytest.approx(temperature, rel=0.05)
    assert expected_calibration_error(softmax(honest * temperature / fitted), y_true) < 0.02


def test_a_perfect_network_is_not_made_infinitely_sure():
    assert fit_temperature(np.eye(7) * 5, np.arange(7)) == 0.25


def test_a_network_becomes_on_average_as_sure_as_it_is_right():
    logits, y_true = RNG.normal(0, 4, (5_000, 7)), RNG.integers(0, 7, 5_000)
    y_true[:3_000] = logits[:3_000].argmax(1)
    confidence = softmax(logits / fit_temperature(logits, y_true)).max(1).mean()
    assert confidence == pytest.approx((logits.argmax(1) == y_true).mean(), abs=0.01)


def test_biases_are_fitted_where_classes_are_called_too_often_and_help_on_other_faces():
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (4000, 7))
    y_true = (honest + rng.gumbel(size=honest.shape)).argmax(1)
    bent = honest * 1.5 + np.array([1.0, 0, 0, 0, -1.0, 0, 0])
    calibration = fit_calibration(bent[:2000], y_true[:2000])
    assert calibration.biases[0] < -0.3
    assert calibration.biases[4] > 0.3
    before, after = (score(softmax(z), y_true[2000:]) for z in (bent[2000:], calibration.apply(bent[2000:])))
    assert after.nll < before.nll - 0.05
    assert after.ece < 0.03
    assert abs(softmax(calibration.apply(bent[:2000])).max(1).mean() - after.accuracy) < 0.03


def test_without_a_bent_class_only_the_temperature_is_fitted():
    rng = np.random.default_rng(1)
    honest = rng.normal(0, 2, (400, 7))
    y_true = (honest + rng.gumbel(size=honest.shape)).argmax(1)
    found = fit_calibration(honest * 2, y_true)
    assert found == Calibration(fit_temperature(honest * 2, y_true))
    assert fit_calibration(honest[:1], y_true[:1]).biases == (0.0,) * 7


def test_the_share_is_the_one_that_most_often_says_what_people_voted_the_largest_of_equals():
    labels, people = np.eye(7)[[0, 1, 2]] * 4.0, np.eye(7)[[3, 1, 2]] * 2.0
    assert fit_share(labels, people, np.array([3, 1, 2])) == 1.0
    assert fit_share(labels, people, np.array([0, 1, 2])) == 0.6
    assert fit_share(labels[:0], people[:0], np.array([], int)) == 1.0


def test_a_perfectly_calibrated_network_has_an_error_above_zero_that_shrinks_with_the_faces():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 2, (20000, 7))
    y_true = (logits + rng.gumbel(size=logits.shape)).argmax(1)
    few, many = calibration_floor(softmax(logits[:500])), calibration_floor(softmax(logits))
    assert 0 < many[0] < many[1] < few[0] < few[1] < 0.1
    assert expected_calibration_error(softmax(logits), y_true) < many[1] * 1.5


@pytest.mark.parametrize("absent", [0, 9])
def test_a_class_that_validation_nearly_lacks_is_not_pushed_down(absent):
    honest = RNG.normal(0, 2, (1_000, 7))
    y_true = (softmax(honest).cumsum(1) > RNG.random((1_000, 1))).argmax(1)
    kept = np.concatenate([np.flatnonzero(y_true != 6), np.flatnonzero(y_true == 6)[:absent]])
    found = fit_calibration(honest[kept] * 2, y_true[kept])
    assert found == Calibration(fit_temperature(honest[kept] * 2, y_true[kept]))


def test_nothing_is_fitted_to_a_handful_of_faces():
    assert fit_calibration(RNG.normal(0, 5, (49, 7)), RNG.integers(0, 7, 49)) == Calibration()


def test_a_temperature_of_a_few_faces_that_are_all_right_is_never_nothing():
    for n in (2, 3, 6):
        logits = np.eye(7)[np.arange(n)] * 3
        assert 0.25 <= fit_calibration(logits, np.arange(n)).temperature <= 4


@pytest.mark.parametrize("strength", [0.0, 0.1, 2.0, 30.0])
@pytest.mark.parametrize("n", [1, 14, 210])
def test_the_temperature_is_the_one_that_trying_all_of_them_finds(n, strength):
    rng = np.random.default_rng(n)
    y_true, logits = rng.integers(0, 7, n), strength * rng.normal(size=(n, 7))
    logits[np.arange(n), y_true] += strength
    accuracy, tried = (logits.argmax(1) == y_true).mean(), np.geomspace(0.25, 4, 401)
    gaps = [abs(softmax(logits / temperature).max(1).mean() - accuracy) for temperature in tried]
    assert fit_temperature(logits, y_true) == round(float(tried[np.argmin(gaps)]), 4)
