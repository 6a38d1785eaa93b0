"""`report.json` with values that no evaluation writes."""

import pytest

from fer_core.base.files import UnreadableError, read_json, write_json
from fer_core.evaluation.metrics import say_averaged
from fer_core.runs.info import read_metrics
from fer_core.runs.report import read_report

WHOLE = {"n": 7, "accuracy": 1.0, "confusion": [[int(i == j) for j in range(7)] for i in range(7)]}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"n": -1}, "n: "), ({"n": 10**400}, "n: "), ({"n_without_copies": -1}, "n_without_copies: "),
        ({"accuracy": -3.0}, "accuracy: "), ({"accuracy": 1.5}, "accuracy: "), ({"accuracy": float("nan")}, "accuracy"),
        ({"ece": float("inf")}, "ece: "), ({"nll": -0.1}, "nll: "), ({"nll": float("nan")}, "nll: "),
        ({"confusion": [[1, 2], [3]]}, "confusion: .*7 rows of 7"), ({"confusion": [[1] * 8] * 8}, "7 rows of 7"),
        ({"confusion": [[-1] * 7] * 7}, "confusion.0.0: "), ({"confusion": None}, "confusion: "),
        ({"classes": [{"expression": "contempt", "n": 3}]}, "'contempt' is not one of"),
        ({"classes": [{"expression": "sad", "n": 3}] * 7}, "listed twice"),
        ({"classes": [{"expression": "sad", "n": 3, "f1": 2.0}]}, "classes.0.f1: "),
        ({"people": {"n": 7, "accuracy": 7}}, "people.accuracy: "),
        ({"absent_in_training": ["contempt"]}, "'contempt' is not one of"),
        ({"biases": [float("nan")]}, "biases.0: "),
    ],
)  # fmt: skip
def test_a_score_outside_its_range_is_damage_that_names_its_field(tmp_path, changed, why):
    write_json(tmp_path / "report.json", {"test": {**WHOLE, **changed}})
    with pytest.raises(UnreadableError, match=f"report.json cannot be read: .*{why}"):
        read_report(tmp_path)


def test_a_report_without_a_confusion_matrix_does_not_say_over_which_classes_it_averages(tmp_path):
    write_json(tmp_path / "report.json", {"test": {**WHOLE, "confusion": []}, "val": WHOLE})
    report = read_report(tmp_path)
    assert say_averaged(report["val"]) == ("7 classes", "7 classes")
    assert say_averaged(report["test"]) == ("an unknown number of classes",) * 2
    assert read_json(tmp_path / "report.json")["test"]["confusion"] == []


@pytest.mark.parametrize("epoch", ["-1", "1" + "0" * 400, "1.5"])
def test_an_epoch_that_is_no_count_is_damage_that_names_its_line(tmp_path, epoch):
    line = f'{{"kind": "epoch", "epoch": {epoch}, "val_loss": 1.0, "val_accuracy": 0.5}}\n'
    (tmp_path / "metrics.jsonl").write_text(line)
    with pytest.raises(UnreadableError, match="line 1: epoch"):
        read_metrics(tmp_path / "metrics.jsonl")
