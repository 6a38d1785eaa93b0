"""Summaries of searches for the page and `fer search`."""

from statistics import median
from typing import TYPE_CHECKING, Any, TypedDict

from fer_core.runs.config import Settings
from fer_core.studies.search.searches import Search, list_searches
from fer_core.studies.search.study import read_trials

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

# Optuna's names, and the words that runs have for the same.
_STATES = {"RUNNING": "running", "WAITING": "running", "COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}


class TrialSummary(TypedDict):
    """One trial; `value` is its best validation accuracy, `seconds` its duration, None while it is running."""

    trial: int
    state: str
    value: float | None
    n_epochs: int
    params: dict[str, Any]
    run_id: str | None
    message: str
    seconds: float | None


class SearchSummary(TypedDict):
    """A search; `ranges` are texts for `parse_ranges`, `eta_s` the seconds left, `best` the best completed trial."""

    name: str
    state: str
    message: str
    dataset: str
    created: str
    base: Settings
    ranges: list[str]
    n_trials: int
    seed: int
    parallel: int
    n_done: int
    eta_s: float | None
    best: TrialSummary | None
    trials: list[TrialSummary]


def summarise_searches() -> list[SearchSummary]:
    """Summaries of all readable searches, newest first; `list_unreadable_searches` names the others."""
    return [summarise_search(search) for search in list_searches() if search.journal_problem is None]


def summarise_search(search: Search) -> SearchSummary:
    """State, progress, the best trial and all trials of a search; None for unknown values.

    `value` is the best validation accuracy of a trial, a fraction; `best` is the completed trial with the highest.
    """
    info, job = search.info, search.job
    trials = [_describe(trial) for trial in read_trials(search.journal)]
    complete = [trial for trial in trials if trial["state"] == "complete"]
    state = job.state
    return {
        "name": search.name,
        "state": state.value,
        "message": job.ending.message if job.ending else "",
        "dataset": info["base"]["dataset"],
        "created": info["created"],
        "base": info["base"],
        "ranges": info["ranges"],
        "n_trials": info["n_trials"],
        "seed": info["seed"],
        "parallel": info["parallel"],
        "n_done": sum(trial["seconds"] is not None for trial in trials),
        "eta_s": _time_left(trials, info["n_trials"], info["parallel"]) if state.is_active else None,
        "best": max(complete, key=lambda trial: trial["value"] or 0.0, default=None),
        "trials": trials,
    }


def _describe(trial: "FrozenTrial") -> TrialSummary:
    seconds = trial.duration.total_seconds() if trial.duration else None
    return {
        "trial": trial.number,
        "state": _STATES[trial.state.name],
        "value": max(trial.intermediate_values.values(), default=None),
        "n_epochs": len(trial.intermediate_values),
        "params": trial.params,
        "run_id": trial.user_attrs.get("run"),
        "message": trial.user_attrs.get("message", ""),
        "seconds": round(seconds, 1) if seconds is not None else None,
    }


def _time_left(trials: list[TrialSummary], n_trials: int, parallel: int) -> float | None:
    """Estimated seconds left, with the median duration of past trials for each remaining one."""
    lasted = [trial["seconds"] for trial in trials if trial["seconds"] is not None]
    return median(lasted) * (n_trials - len(lasted)) / parallel if lasted else None
