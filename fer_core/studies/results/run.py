"""Runs unfinished rows: several in parallel, each with its deadline, all within a time budget."""

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from filelock import FileLock, Timeout

from fer_core.base.progress import Progress, no_progress
from fer_core.base.text import percent
from fer_core.base.workspace import home
from fer_core.datasets.dataset import dataset_names
from fer_core.errors import InputError
from fer_core.studies.results.datasets import ensure_dataset
from fer_core.studies.results.durations import format_duration
from fer_core.studies.results.job import Halted, Job
from fer_core.studies.results.places import Places
from fer_core.studies.results.plan import Unit, find_next, list_missing, read_current, refuse_late, settle
from fer_core.studies.results.records import DONE, Record, read_record, write_record
from fer_core.studies.results.rows import RecordedRow, Row, name_run
from fer_core.studies.results.table_file import TableFile
from fer_core.studies.results.work import WORK

_TICK_S = 0.5  # between looks at deadlines
_OVER = "the budget is used up"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of one call.

    Attributes:
        only: names of rows; empty: all rows without why_not.
        again: measure finished rows again; existing runs are not trained again.
        budget_s: time budget of the whole call; None: unlimited.
        jobs: number of parallel runs.
        places: paths of the sources.
    """

    only: list[str] = field(default_factory=list)
    again: bool = False
    budget_s: float | None = None
    jobs: int = 1
    places: Places = field(default_factory=dict)


class Runner:
    """One call of `fer results run`."""

    def __init__(
        self,
        table: TableFile,
        options: Options,
        say: Callable[[str], None],
        progress: Progress = no_progress,
        kept: Callable[[], None] = lambda: None,
    ) -> None:
        self.table, self.options, self.say, self.progress = table, options, say, progress
        self.kept = kept  # called when a run has ended and its row's file is written
        self.began = time.monotonic()
        self.records: dict[str, Record] = {}  # of the rows of this call
        self.pending: list[Unit] = []
        self.working: list[Job] = []
        self.whys: dict[str, str] = {}  # row -> the last sentence that says why a run of it came to nothing
        self.begun: set[str] = set()  # rows with a checkpoint
        self.passing: set[str] = set()  # rows whose reason is this call's alone
        self.is_assembling = False
        self.ended: SimpleQueue[Job | None] = SimpleQueue()  # None: something is to be looked at
        self.stopping = ""  # why nothing is begun any more
        self.n_interrupts = 0

    def run(self) -> list[Record]:
        """Runs the unfinished rows and returns the records of all rows.

        Raises:
            InputError: for an unknown row, or if another call is running in this workspace.
        """
        rows = self.table.pick(self.options.only)
        home().mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(home() / ".results.lock", timeout=0):
                for row in rows:
                    self._plan(row)
                self._work()
        except Timeout as error:
            raise InputError(
                "fer results run is already running in this workspace. Wait until it finishes, or stop it."
            ) from error
        return list(self.records.values())

    def interrupt(self, *_: object) -> None:
        """Stops all runs with their checkpoints; called again, kills them. Safe in a signal's handler."""
        self.n_interrupts += 1
        self.ended.put(None)
        if self.is_assembling:
            raise KeyboardInterrupt

    def _plan(self, row: Row) -> None:
        """Reads the row's record and plans its missing runs."""
        if isinstance(row, RecordedRow):
            return
        try:
            record = read_current(row, self.table, self.options.again)
        except InputError as error:  # its file is damaged, and stays so until a person has seen it
            self.records[row.name] = Record(row=row.name, kind=row.kind, why=str(error))
            self.say(f"{row.name}: not run: {error}")
            return
        missing = list_missing(row, record, self.table)
        self.records[row.name] = record
        if missing and row.why_not and row.name not in self.options.only:
            self.whys[row.name] = row.why_not
            self._keep(row)
        elif missing:
            self.pending += missing
        elif record.state == DONE:
            self.say(f"{row.name}: already done; `fer results run --again` measures it again")
        else:
            self._keep(row)

    def _work(self) -> None:
        while self.pending or self.working:
            self._watch_time()
            while not self.stopping and len(self.working) < self.options.jobs and self._begin_next():
                self._watch_time()
            if self.stopping:
                self._give_up()
            if not self.working:
                continue
            try:
                job = self.ended.get(timeout=_TICK_S)
            except Empty:
                continue
            if job:
                self.working.remove(job)
                self._finish(job)

    def _begin_next(self) -> bool:
        """Starts a run, or says why it cannot start; False if all remaining runs wait for others."""
        unit = find_next(self.pending, [job.row for job in self.working])
        if unit is None:
            return False
        self.pending.remove(unit)
        fingerprint, why = self._prepare(unit)
        if why:
            self.say(f"{name_run(unit.row, unit.seed)}: not run: {why}")
            self.whys[unit.row.name] = why
            self._keep(unit.row)
            return True
        taken = {job.lane for job in self.working}
        job = Job(unit.row, unit.seed, next(lane for lane in range(self.options.jobs) if lane not in taken))
        self.working.append(job)
        self.say(f"{job.title}: started")
        threading.Thread(target=self._do, args=(job, fingerprint), daemon=True).start()
        return True

    def _prepare(self, unit: Unit) -> tuple[str, str]:
        """The fingerprint of the run's data set, and why the run cannot start, if so."""
        name, sources, places = unit.row.dataset, self.table.sources, self.options.places
        why = "" if name in dataset_names() else refuse_late(unit, self.table, None, self._left())
        spec, self.is_assembling = self.table.datasets[name], not why
        try:
            fingerprint = "" if why else ensure_dataset(name, spec, sources, places, self.progress, self.table.datasets)
            why = why or refuse_late(unit, self.table, fingerprint, self._left())
            if why:
                self.passing.add(unit.row.name)
            return fingerprint, why
        except InputError as error:
            return "", str(error)
        except KeyboardInterrupt:
            self.passing.add(unit.row.name)
            return "", "Not started: stopped by a person."
        finally:
            self.is_assembling = False

    def _do(self, job: Job, fingerprint: str) -> None:
        """Does the job's work in its own thread and reports any outcome."""
        try:
            job.entry = WORK[job.row.kind](job, self.table, fingerprint)
        except Halted as error:
            job.error, job.is_halted = str(error), True
        except InputError as error:
            job.error = str(error)
        except Exception as error:  # the terminal has the trace; the file needs a sentence
            traceback.print_exc()
            job.error = f"{type(error).__name__}: {error}."
        finally:
            self.ended.put(job)

    def _finish(self, job: Job) -> None:
        """Records the outcome of a job."""
        if job.entry:
            self.records[job.row.name] = self.records[job.row.name].with_entry(job.entry)
            said = ", ".join(f"{split} {percent(s['accuracy'])}" for split, s in job.entry["scores"].items())
            self.say(f"{job.title}: {said}")
        else:
            self.say(f"{job.title}: {'stopped' if job.is_halted else 'not run'}: {job.error}")
            self.whys[job.row.name] = job.error
        if job.run and job.run.last_checkpoint.is_file():
            self.begun.add(job.row.name)
        self._keep(job.row)
        self.kept()

    def _keep(self, row: Row) -> None:
        """Writes the row's file. Existing results are kept until there are new ones; passing reasons are not stored."""
        why, has_begun = self.whys.get(row.name, ""), row.name in self.begun
        record = self.records[row.name] = settle(self.records[row.name], row, self.table, why, has_begun)
        passes = row.name in self.passing and not has_begun
        if record.counted or not (passes or read_record(self.table.folder, row).results):
            write_record(self.table.folder, record)

    def _left(self) -> float | None:
        """Seconds left of the budget; None if there is none."""
        budget = self.options.budget_s
        return None if budget is None else self.began + budget - time.monotonic()

    def _watch_time(self) -> None:
        """Stops runs on a user's request, at the end of the budget, or at their deadline."""
        left = self._left()
        if self.n_interrupts and not self.stopping:
            self.stopping = "stopped by a person"
            self.say("stopping: each run writes a checkpoint first; press Ctrl-C again to kill them")
        if left is not None and left <= 0 and not self.stopping:
            self.stopping = _OVER
        for job in self.working:
            job.look()
            deadline = job.row.deadline
            if self.n_interrupts > 1:
                job.kill()
            elif self.stopping:
                job.stop(self.stopping)
            elif deadline and job.began is not None and time.monotonic() - job.began > deadline:
                job.stop(f"its deadline of {format_duration(deadline)} has passed")

    def _give_up(self) -> None:
        """Records why the remaining runs were not started."""
        for unit in self.pending:
            self.whys.setdefault(unit.row.name, f"Not started: {self.stopping}.")
            self.passing.add(unit.row.name)
            self._keep(unit.row)
        self.pending.clear()


def is_done(records: list[Record]) -> bool:
    """Whether no row is left that could be run."""
    return all(record.state == DONE for record in records)
