import pytest

from dashboard.figures.curves import compute_curves, plot_curves
from fer_core.runs.info import EpochLine

OLD = [
    EpochLine(kind="epoch", epoch=1, train_loss=1.9, train_accuracy=0.3, val_loss=1.8, val_accuracy=0.4),
    EpochLine(kind="epoch", epoch=2, train_loss=1.6, train_accuracy=0.5, val_loss=1.5, val_accuracy=0.5),
    EpochLine(kind="epoch", epoch=3, train_loss=1.2, train_accuracy=0.7, val_loss=1.4, val_accuracy=0.5),
]
CLEAN = [(1.7, 0.45), (1.4, 0.6), (0.9, 0.8)]
NEW = [
    line.model_copy(update={"train_clean_loss": loss, "train_clean_accuracy": accuracy})
    for line, (loss, accuracy) in zip(OLD, CLEAN, strict=True)
]


@pytest.mark.parametrize(
    ("metric", "train", "gap"), [("accuracy", (0.45, 0.6, 0.8), 0.3), ("loss", (1.7, 1.4, 0.9), 0.5)]
)
def test_training_is_shown_on_faces_as_they_are_with_its_gap_at_the_best_epoch(metric, train, gap):
    (curve,) = compute_curves({"new": NEW}, metric).runs
    assert (curve.epochs, curve.train, curve.augmented) == ((1, 2, 3), train, False)
    assert curve.best == 2  # of two equal accuracies the one of lower loss, as the trainer chooses
    assert curve.gap == gap


def test_a_run_that_scored_augmented_faces_alone_is_shown_without_a_gap():
    (curve,) = compute_curves({"old": OLD}, "accuracy").runs
    assert (curve.train, curve.augmented, curve.gap) == ((0.3, 0.5, 0.7), True, None)
    figure = plot_curves(compute_curves({"old": OLD}, "accuracy"))
    assert "training (dotted: on augmented faces)" in figure.layout.title.subtitle.text
    assert "gap" not in figure.layout.title.subtitle.text


def test_a_run_gone_on_with_after_an_update_has_a_hole_where_nothing_was_scored():
    (curve,) = compute_curves({"both": [*OLD[:1], *NEW[1:]]}, "loss").runs
    assert (curve.train, curve.augmented) == ((None, 1.4, 0.9), False)


def test_the_gap_is_named_for_one_run_and_not_for_several():
    one = plot_curves(compute_curves({"a": NEW}, "accuracy"))
    assert one.layout.title.subtitle.text.endswith("star: best epoch, gap 30.0 points")
    assert (one.layout.shapes[0].y0, one.layout.shapes[0].y1) == (0.5, 0.8)
    assert [list(one.data[2].x), list(one.data[2].y)] == [[3], [0.5]]  # the star
    assert "gap" not in plot_curves(compute_curves({"a": NEW, "b": NEW}, "accuracy")).layout.title.subtitle.text


def test_no_epoch_is_a_sentence():
    assert "first epoch" in plot_curves(compute_curves({"a": []}, "loss")).layout.annotations[0].text
