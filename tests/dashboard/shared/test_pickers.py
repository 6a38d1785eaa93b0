"""The words of the boxes that choose a run."""

from dataclasses import fields, replace

import pytest

from dashboard.shared.pickers import describe_run, unique_titles
from fer_core.runs.run import BUNDLED_ID
from fer_core.runs.summary import RunSummary

UNKNOWN = dict.fromkeys(field.name for field in fields(RunSummary))
KNOWN = {"run_id": "20260102-030405-abcd", "title": "tried", "dataset": "tiny", "drawn": False, "state": "running"}
RUN = RunSummary(**{**UNKNOWN, **KNOWN})


@pytest.mark.parametrize(
    ("known", "line"),
    [
        pytest.param({}, "tried · tiny · 20260102-030405 · running", id="no score yet"),
        pytest.param({"val_accuracy": 0.5}, "tried · tiny · 20260102-030405 · 50.0 %", id="validation alone"),
        pytest.param(
            {"accuracy": 0.0, "val_accuracy": 0.5}, "tried · tiny · 20260102-030405 · 0.0 %", id="test, though it is 0"
        ),
        pytest.param({"drawn": True}, "tried · tiny (drawn) · 20260102-030405 · running", id="drawn faces"),
        pytest.param(
            {"run_id": BUNDLED_ID, "accuracy": 0.7},
            "bundled network · tiny · 70.0 %",
            id="bundled",
        ),
    ],
)
def test_a_run_is_described_by_its_title_data_set_time_and_best_known_score(known, line):
    assert describe_run(replace(RUN, **known)) == line


def test_runs_of_one_title_are_told_apart_by_their_time():
    later = replace(RUN, run_id="20260102-060708-abcd")
    rows = [RUN, later, replace(RUN, run_id="20260102-090909-abcd", title="other")]
    assert list(unique_titles(rows).values()) == ["tried 030405", "tried 060708", "other"]
