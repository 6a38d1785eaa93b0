"""A model card, written from the files of the run's folder. No torch here."""

from collections.abc import Mapping

from fer_core.base.text import count_of, percent, table
from fer_core.errors import InputError
from fer_core.evaluation.metrics import CLASS_SCORES, class_score, say_averaged
from fer_core.labels import EXPRESSIONS
from fer_core.models.families import describe_model
from fer_core.models.heads import ANSWERS, HEADS
from fer_core.runs.absent import explain_absent, read_absent
from fer_core.runs.diagnosis import diagnose
from fer_core.runs.find import get_ancestor, get_exactly
from fer_core.runs.origins.teachers import KFOLD, find_pinned, list_networks
from fer_core.runs.report import NO_CONFUSION, SplitReport
from fer_core.runs.run import Run, split_metrics

_NAMES = {
    "accuracy": "accuracy",
    "accuracy_without_copies": "without copies in training",
    "accuracy_without_near_copies": "without near copies",
    "macro_f1": "macro F1",
    "ece": "calibration error",
    "ece_floor": "expected if perfectly calibrated",
    "ece_before": "before calibration",
}
_SPLITS = {"val": "validation (used to select the best epoch)", "test": "test (not used for any selection)"}


def build_card(run: Run) -> str:
    """Markdown: the network, how it was trained (command by command), its scores, and its limitations.

    Raises:
        InputError: before the run has a report.
    """
    if not run.report:
        raise InputError(f"{run.run_id} has no report yet. Wait until it has finished.")
    parts = [
        _head(run),
        _making(run),
        _scores(run),
        _people(run.report, "" if run.members else run.config.people_from),
        _limits(run),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def lineage(run: Run) -> list[Run]:
    """The runs that this one started from, learned from or averaged, oldest first, ending with this one.

    Deleted runs are omitted.
    """
    config = run.config
    earlier = [config.init[4:]] if config.init.startswith("run:") else []
    found: dict[str, Run] = {}
    candidates = run.info.candidates
    for name in (*earlier, *config.teachers, *candidates):
        try:
            run_id = _name_teacher(name)
            earlier_run = get_exactly(run_id) if run_id in candidates else get_ancestor(run, run_id)
            found |= {ancestor.run_id: ancestor for ancestor in lineage(earlier_run)}
        except InputError:
            continue
    return [*found.values(), run]


def _name_teacher(name: str) -> str:
    """The run that represents a teacher; for a cross-validation its first, since all of its runs share one command."""
    if not name.startswith(KFOLD):
        return name
    return list_networks(find_pinned(name, get_exactly))[0].run_id


def _head(run: Run) -> str:
    return f"""# {run.title}

{_ensemble(run) if run.members else _network(run)}
Output: logits of {", ".join(EXPRESSIONS)}, in this order."""


def _network(run: Run) -> str:
    config = run.config
    channels = "grey" if config.channels == 1 else "grey, repeated on three channels"
    return f"""Network: `{config.model}`, {describe_model(config.model)}.
Input: one face, {channels}; its preprocessing and its calibration are in the metadata of `best.safetensors`."""


def _ensemble(run: Run) -> str:
    members = [[f"`{member.run_id}`", member.model, str(member.weight)] for member in run.members]
    return f"""The weighted mean of the probabilities of {len(members)} networks.

{table(["run", "network", "weight"], members)}

Input: one grey face; the members' preprocessing and calibrations are in the metadata of `best.safetensors`."""


def _making(run: Run) -> str:
    info, drawn = run.info, " (drawn faces, no photographs)" if run.info.drawn else ""
    versions = ", ".join(f"{name} {version}" for name, version in info.versions.items())
    commands = "\n".join(f"    {ancestor.info.command}    # {ancestor.run_id}" for ancestor in lineage(run))
    epochs, _ = split_metrics(run.metrics())
    took = f"took {count_of(len(epochs), 'epoch')} on {info.device} with seed {run.config.seed}"
    # Ensembles have none, nor do runs of versions that did not measure it.
    has_gap = any(line.train_clean_accuracy is not None for line in epochs)
    curves = f"\nLearning curves: {diagnose(epochs, run.config).finding}" if has_gap else ""
    commit = info.git_commit[:10] if info.git_commit else "an unknown commit"
    return f"""## How it was made

Data set: {info.dataset}{drawn}, fingerprint `{info.dataset_fingerprint[:16]}`. The commands, in order:

{commands}

The last command {"averaged its members" if run.members else took};
{versions}, Python {info.python}, project at {commit}.{curves}"""


def _scores(run: Run) -> str:
    report = run.report or {}
    views = {
        "one": "classified once",
        "flip": "averaged with its mirror image",
        "ten_crop": "classified as the mean of ten crops",
        "wide": "classified as the mean of fourteen views (shifted, zoomed and mirrored)",
    }
    splits = [
        [_SPLITS.get(split, split), f"{scores.n:,}", *(percent(getattr(scores, name)) for name in _NAMES)]
        for split, scores in report.items()
    ]
    shown = report[next((split for split in ("test", "val") if split in report), next(iter(report)))]
    classes = [
        [c.expression, f"{c.n:,}", *(percent(class_score(c, name)) for name in CLASS_SCORES)] for c in shown.classes
    ]
    note = shown.learned_note
    taken = "classified with the views of each member" if run.members else views[run.config.test_views]
    return f"""## Evaluation

Each face is {taken}.

{table(["split", "faces", *_NAMES.values()], splits)}{f"{chr(10)}{chr(10)}{note}" if note else ""}

{table(["expression", "faces", "precision", "recall", "F1"], classes)}

Macro F1 is the mean over {say_averaged(shown)[0]} that occur as labels or predictions.
A class without faces has no scores of its own.{"" if shown.confusion else f"{chr(10)}{NO_CONFUSION}"}"""


def _people(report: Mapping[str, SplitReport], people_from: str) -> str:
    """The section on the people head and its scores; "" without one."""
    if not any(scores.people for scores in report.values()):
        return ""
    rows = []
    for split, scores in report.items():
        for head in HEADS:
            answer = scores if head == "labels" else scores.people
            votes = answer.against_votes if answer else None
            if votes:
                shares = map(percent, (votes.accuracy, votes.macro_f1, votes.ece))
                rows.append([split, ANSWERS[head], f"{votes.n:,}", *shares])
    scored = table(["split", "answer", "faces", "accuracy", "macro F1", "calibration error"], rows) if rows else ""
    learned = "the votes of several people on each face"
    if people_from:
        learned = f"the votes of several people, and the labels of {people_from} where there are none"
    return f"""## Two heads

The scores above are those of the labels head ({ANSWERS["labels"]}). The people head ({ANSWERS["people"]}) was trained
on {learned}, and classifies photographs by default. Compared with the majority vote:

{scored or "The held-out faces have no votes, so it could not be scored."}"""


def _limits(run: Run) -> str:
    drawn = (
        "It was trained on drawn faces only, so its predictions on photographs are meaningless. "
        if run.info.drawn
        else ""
    )
    absent = explain_absent(read_absent(run))
    return f"""## Limitations

{drawn}{f"{absent} " if absent else ""}The network predicts the expression that people would attribute to a picture of
a face, which is not what the person feels. Its training labels are noisy, its faces are not a representative sample of
people, and its errors differ between groups of people that the data do not record. Do not use it to make decisions
about a person."""
