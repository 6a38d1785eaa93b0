"""What in the workspace needs a data set, and deleting one that nothing is at work on."""

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
    """What is known of the work on one data set.

    Attributes:
        name: of the data set.
        run_ids: the runs trained on it, the newest first; also those that have not finished.
        n_unfinished: how many of them could be resumed.
        at_work: a sentence for each piece of work that needs it now, with the way to end that.
    """

    name: str
    run_ids: tuple[str, ...]
    n_unfinished: int
    at_work: tuple[str, ...]

    def describe(self) -> str:
        """Which runs were trained on it and what deleting it leaves them, as sentences."""
        n = len(self.run_ids)
        if not n:
            return "No run was trained on it."
        named = ", ".join(self.run_ids[:5]) + (f" and {n - 5:,} more" if n > 5 else "")
        told = (
            f"{count_of(n, 'run')} trained on it {'keeps its' if n == 1 else 'keep their'} weights, scores and "
            f"predictions, but cannot show the faces or be extended without it: {named}."
        )
        return f"{told} {self.n_unfinished:,} of these cannot be resumed then." if self.n_unfinished else told


def find_use(name: str) -> DatasetUse:
    """What needs the data set of that name."""
    runs = [run for run in list_runs() if run.config.dataset == name]
    return DatasetUse(
        name=name,
        run_ids=tuple(run.run_id for run in runs),
        n_unfinished=sum(run.state.is_resumable for run in runs),
        at_work=tuple(_list_work(name, runs)),
    )


def delete_unused(name: str) -> None:
    """Removes the data set's folder; runs trained on it keep their files, and its list of corrections stays.

    Raises:
        InputError: when there is none, or something is at work on it, saying what and how to end that.
    """
    find_folder(name)
    at_work = find_use(name).at_work
    if at_work:
        raise InputError(f"The data set {name!r} cannot be deleted now. {' '.join(at_work)}")
    with hold_place(name):
        delete_dataset(name)


def _list_work(name: str, runs: list[Run]) -> list[str]:
    work = [
        f"The run {run.run_id} is {run.state} on it: stop it with fer stop {run.run_id}, or wait for it."
        for run in runs
        if run.state.is_active
    ]
    work += [
        f"The search {search.name} is running on it: stop it with fer search stop {search.name}, or wait for it."
        for search in list_searches()
        if search.state.is_active and search.info["base"].get("dataset") == name
    ]
    if any(run.state.is_active for run in list_lr_ranges() if run.config.dataset == name):
        work.append("A learning-rate test is running on it: stop it on the Train page, or wait for it.")
    if any(job.name == name and job.state.is_active for job in list_assemblies()):
        work.append("It is being assembled: stop that on the Data page, or wait for it.")
    leak = read_leak_job(name)
    if leak and leak.state.is_active:
        work.append("Its source leak is being measured: stop that on the Data page, or wait for it.")
    return work
