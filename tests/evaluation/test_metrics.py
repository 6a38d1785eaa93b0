import numpy as np
import pytest

from fer_core.evaluation.metrics import (
    CLASS_SCORES,
    class_score,
    count_confusion,
    expected_calibration_error,
    score,
    score_with_copies,
    wilson_interval,
)
from fer_core.models.probabilities import softmax
from fer_core.runs.report import ClassScores


def one_hot(y_pred, sure=0.88):
    probs = np.full((len(y_pred), 7), (1 - sure) / 6)
    probs[np.arange(len(y_pred)), y_pred] = sure
    return probs


def test_scores_are_those_worked_by_hand_with_an_empty_class():
    y_true, y_pred = np.array([0, 0, 0, 3]), np.array([0, 0, 3, 3])
    scores = score(one_hot(y_pred), y_true)
    assert scores.accuracy == 0.75
    assert scores.balanced_accuracy == pytest.approx((2 / 3 + 1) / 2)
    assert scores.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2)  # angry: P 1, R 2/3; happy: P 1/2, R 1
    assert scores.nll == pytest.approx(-(3 * np.log(0.88) + np.log(0.02)) / 4)
    assert scores.ece == pytest.approx(0.13)  # 0.88 sure, 0.75 right
    happy, disgust = scores.classes[3], scores.classes[1]
    assert (happy.n, happy.precision, happy.recall) == (1, 0.5, 1.0)
    assert (disgust.n, disgust.precision, disgust.recall, disgust.f1) == (0, None, None, None)
    assert (scores.macro_f1_n_classes, scores.balanced_accuracy_n_classes) == (2, 2)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.parametrize(
    ("labelled", "predicted"),
    [
        pytest.param(range(7), range(7), id="all seven"),
        pytest.param((0, 1, 3), (0, 1, 3), id="three of them"),
        pytest.param((0, 1, 3), range(7), id="predicted without being labelled"),
        pytest.param(range(7), (0, 3), id="labelled without being predicted"),
    ],
)
def test_means_over_classes_are_scikit_learns(labelled, predicted):
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.choice(list(labelled), 200), rng.choice(list(predicted), 200)
    scores = score(one_hot(y_pred), y_true)
    assert scores.macro_f1 == pytest.approx(sklearn.f1_score(y_true, y_pred, average="macro", zero_division=0))
    assert scores.macro_f1_n_classes == len({*labelled, *predicted})
    assert scores.balanced_accuracy == pytest.approx(sklearn.balanced_accuracy_score(y_true, y_pred))
    assert scores.balanced_accuracy_n_classes == len(labelled)
    each = sklearn.precision_recall_fscore_support(y_true, y_pred, labels=range(7), zero_division=0)
    for i, c in enumerate(scores.classes):
        ours = [getattr(c, name) for name in CLASS_SCORES]
        assert ours == (pytest.approx([part[i] for part in each[:3]]) if i in labelled else [None] * 3)


def test_a_report_that_still_has_0_for_a_class_without_faces_is_read_as_none():
    assert class_score(ClassScores(expression="sad", n=0, recall=0.0), "recall") is None
    assert class_score(ClassScores(expression="sad", n=3, recall=0.0), "recall") == 0.0


def test_rows_of_the_confusion_are_true_classes():
    confusion = count_confusion(np.array([0, 0, 6]), np.array([0, 1, 2]))
    assert confusion.shape == (7, 7)
    assert (confusion[0, 0], confusion[0, 1], confusion[6, 2], confusion.sum()) == (1, 1, 1, 3)


def test_a_network_as_right_as_it_says_has_no_calibration_error():
    probs = one_hot(np.zeros(4, int), 0.75)
    assert expected_calibration_error(probs, np.array([0, 0, 0, 1])) == pytest.approx(0)


def test_faces_with_a_copy_in_training_are_scored_apart():
    y_true, y_pred = np.array([0, 1, 2, 3]), np.array([0, 1, 0, 0])
    scores = score_with_copies(one_hot(y_pred), y_true, np.array([True, False, False, False]))
    assert (scores.accuracy, scores.accuracy_on_copies) == (0.5, 1.0)
    assert (scores.n_without_copies, scores.accuracy_without_copies) == (3, pytest.approx(1 / 3))
    assert scores.n_without_near_copies is None


def test_faces_with_a_near_copy_are_left_out_of_the_third_accuracy_where_such_copies_are_known():
    y_true, y_pred = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0])
    near = np.array([True, True, False, False])
    scores = score_with_copies(one_hot(y_pred), y_true, np.array([True, False, False, False]), near)
    assert (scores.n_without_near_copies, scores.accuracy_without_near_copies) == (2, 0.5)
    assert (scores.n_without_copies, scores.accuracy_without_copies) == (3, pytest.approx(1 / 3))


def test_softmax_survives_large_logits_and_sums_to_one():
    probs = softmax(np.array([[1000.0, 0, 0, 0, 0, 0, 0], [0.0] * 7]))
    assert probs.sum(1) == pytest.approx([1, 1])
    assert probs[0, 0] == pytest.approx(1)


def test_an_empty_split_cannot_be_scored():
    with pytest.raises(ValueError, match="without faces"):
        score(np.empty((0, 7)), np.empty(0, int))


def test_the_interval_of_a_share_is_wilsons():
    assert wilson_interval(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert wilson_interval(0.0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    with pytest.raises(ValueError, match="at least one face"):
        wilson_interval(0.5, 0)
