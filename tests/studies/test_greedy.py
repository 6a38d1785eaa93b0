import numpy as np
import pytest

from fer_core.studies.greedy import select_greedily

# What three members give the right class, the first, of four faces; the rest goes to the second class.
CAREFUL, BACK, FRONT = (0.6, 0.6, 0.6, 0.3), (0.3, 0.45, 0.9, 0.9), (0.9, 0.9, 0.3, 0.35)
RIGHT = np.zeros(4, int)


def probs(*members):
    result = np.zeros((len(members), 4, 7))
    result[..., 0] = members
    result[..., 1] = 1 - result[..., 0]
    return result


def test_the_picks_are_those_worked_out_by_hand():
    picks = select_greedily(probs(FRONT, BACK, CAREFUL), RIGHT, 4)
    # careful alone 3/4; with back 3/4 and less log loss than twice careful; all three (.6 .65 .6 .517) 4/4; back again
    assert [(pick.member, pick.accuracy) for pick in picks] == [(2, 0.75), (1, 0.75), (0, 1.0), (1, 1.0)]
    assert picks[-1].nll == pytest.approx(-np.log([0.525, 0.6, 0.675, 0.6125]).mean())


def test_the_picks_end_with_the_best_mean():
    (only,) = select_greedily(probs(CAREFUL, (0.1, 0.1, 0.1, 0.1)), RIGHT)
    assert (only.member, only.accuracy) == (0, 0.75)
