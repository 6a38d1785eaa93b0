"""Which runs and jobs use a data set, and deleting one that is not in use."""

from dataclasses import dataclass

from fer_core.base.text import count_of
from fer_core.datasets.assembling.job import list_assemblies
from fer_core.datasets.assembling.place import hold_place
from fer_core.datasets.dataset import delete_dataset, find_folder
from fer_core.errors import InputError
from fer_core.runs.find import list_runs
from fer_core.runs.run import Run
from fer_core.studies.lr_range_job import list_lr_ranges
from fer_core.studies.search.searches import list_searches
from fer_core.studies.source_leak.job import read_leak_job


@dataclass(frozen=True, kw_only=True)
class DatasetUse:
    """The runs and jobs that use one data set.

    Attributes:
        name: of the data set.
        run_ids: runs trained on it, newest first, including unfinished ones.
        n_unfinished: number of these that could be resumed.
        at_work: one sentence for each active job on it, with the way to end that job.
    """

    name: str
    run_ids: tuple[str, ...]
    n_unfinished: int
    at_work: tuple[str, ...]

    def describe(self) -> str:
        """Sentences on which runs were trained on it, and what these keep if it is deleted."""
        n = len(self.run_ids)
        if not n:
            return "No run was trained on it."
        named = ", ".join(self.run_ids[:5]) + (f" and {n - 5:,} more" if n > 5 else "")
        told = (
            f"{count_of(n, 'run')} trained on it {'keeps its' if n == 1 else 'keep their'} weights, scores and "
            f"predictions, but cannot show the faces or be extended without it: {named}."
        )
        return f"{told} After that, {self.n_unfinished:,} of these cannot be resumed." if self.n_unfinished else told


def find_use(name: str) -> DatasetUse:
    """The runs and jobs that use the data set of that name."""
    runs = [run for run in list_runs() if run.config.dataset == name]
    return DatasetUse(
        name=name,
        run_ids=tuple(run.run_id for run in runs),
        n_unfinished=sum(run.state.is_resumable for run in runs),
        at_work=tuple(_list_work(name, runs)),
    )


def delete_unused(name: str) -> None:
    """Deletes the data set's folder. Runs trained on it keep their files, and its list of corrections is kept.

    Raises:
        InputError: if it does not exist or is in use; the message says what uses it and how to end that.
    """
    find_folder(name)
    at_work = find_use(name).at_work
    if at_work:
        raise InputError(f"The data set {name!r} is in use and cannot be deleted. {' '.join(at_work)}")
    with hold_place(name):
        delete_dataset(name)


def _list_work(name: str, runs: list[Run]) -> list[str]:
    work = [
        f"The run {run.run_id} is {run.state} on it: stop it with fer stop {run.run_id}, or wait until it finishes."
        for run in runs
        if run.state.is_active
    ]
    work += [
        f"The search {search.name} is running on it: stop it with fer search stop {search.name}, or wait until it "
        "finishes."
        for search in list_searches()
        if search.state.is_active and search.info["base"].get("dataset") == name
    ]
    if any(run.state.is_active for run in list_lr_ranges() if run.config.dataset == name):
        work.append(
            "A learning-rate range test is running on it: stop it on the Train page, or wait until it finishes."
        )
    if any(job.name == name and job.state.is_active for job in list_assemblies()):
        work.append("It is being assembled: stop that on the Data page, or wait until it finishes.")
    leak = read_leak_job(name)
    if leak and leak.state.is_active:
        work.append("Its source leakage is being measured: stop that on the Data page, or wait until it finishes.")
    return work
