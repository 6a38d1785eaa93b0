import numpy as np
import pytest

from fer_core.calibration import fit_temperature
from fer_core.metrics import expected_calibration_error, softmax

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
