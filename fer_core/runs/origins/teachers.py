"""The teachers that a config names: runs, the bundled network, or cross-validations. No torch here.

A cross-validation (`fer kfold`) teaches cross-fitted: each training face is classified by the network of the fold that
left it out, which was not trained on it and so is no more confident on it than on any other face.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fer_core.base.workspace import kfold_dir
from fer_core.errors import InputError
from fer_core.runs.find import get_ancestor, get_run
from fer_core.runs.groups import Group, get_group, list_groups
from fer_core.runs.run import BUNDLED_ID, Run
from fer_core.runs.run_weights import explain_no_weights

Teacher = Run | Group
KFOLD = "kfold:"  # before a group's id in a run's config; a run may have that very id


def find_teacher(name: str, find_run: Callable[[str], Run] = get_run) -> Teacher:
    """Resolves a name: a cross-validation by id, else a run, else a cross-validation by title.

    Args:
        name: a run's id or title, `bundled`, or a group's id or title, optionally prefixed with `kfold:`.
        find_run: returns the run of a name.

    Raises:
        InputError: if there is none, or more than one.
    """
    if name.startswith(KFOLD) or _is_group(name):
        try:
            return get_group(name.removeprefix(KFOLD))
        except InputError as error:
            raise InputError(f"teacher: {error}") from error
    try:
        return find_run(name)
    except InputError as error:
        try:
            return get_group(name)
        except InputError:
            raise InputError(
                f"teacher: {error} A teacher is a run, {BUNDLED_ID}, or a cross-validation (fer kfold list)."
            ) from error


def list_teachers(run: Run) -> list[Teacher]:
    """The teachers of an existing run, by their full ids.

    Raises:
        InputError: if one has been deleted.
    """
    return [find_pinned(name, partial(get_ancestor, run)) for name in run.config.teachers]


def find_pinned(name: str, find_run: Callable[[str], Run]) -> Teacher:
    """The teacher that `pin_teacher` wrote into a run's config.

    Raises:
        InputError: if it has been deleted.
    """
    if not name.startswith(KFOLD):
        return find_run(name)
    if not _is_group(name.removeprefix(KFOLD)):
        raise InputError(f"The cross-validation {name.removeprefix(KFOLD)!r} has been deleted. See fer kfold list.")
    return Group(kfold_dir() / name.removeprefix(KFOLD))


def pin_teacher(teacher: Teacher) -> str:
    """The teacher's full id for a run's config."""
    return f"{KFOLD}{teacher.group_id}" if isinstance(teacher, Group) else teacher.run_id


def list_networks(teacher: Teacher) -> list[Run]:
    """The runs of a teacher: the run itself, or those of its folds.

    Raises:
        InputError: if a fold of a cross-validation has not finished.
    """
    if isinstance(teacher, Run):
        return [teacher]
    if len(teacher.runs) < teacher.info.folds:
        raise InputError(
            f"teacher: a fold of {teacher.group_id} has been deleted, so every remaining network was trained on "
            "its faces. Cross-validate again (fer kfold), or choose another teacher."
        )
    if not teacher.is_finished:
        raise InputError(
            f"teacher: {teacher.n_finished} of {teacher.info.folds} folds of {teacher.group_id} have finished. "
            f"Wait for the others, or start them again with fer kfold resume {teacher.group_id}."
        )
    return teacher.runs


def check_teachers(names: tuple[str, ...], n_views: int, face_px: int) -> None:
    """Refuses teachers that do not exist, have no weights yet, or are for faces of another size.

    Args:
        names: as typed by the user.
        n_views: number of views of each face to classify; 0 or 1 if no teacher is required.
        face_px: side of the training faces.

    Raises:
        InputError: for the first such teacher.
    """
    if n_views > 1 and not names:
        raise InputError(
            f"teacher: teacher_views is {n_views}, but no teacher is named. Set teacher to a run, {BUNDLED_ID} or "
            "a cross-validation (fer kfold list), or teacher_views to 0."
        )
    teachers = [find_teacher(name) for name in names]
    pins = [pin_teacher(teacher) for teacher in teachers]
    for pin, teacher in zip(pins, teachers, strict=True):
        if pins.count(pin) > 1:
            raise InputError(f"teacher: {pin} is named twice. Name each teacher once.")
        for run in list_networks(teacher):
            if not run.best_weights.is_file():
                raise InputError(f"teacher: {explain_no_weights(run.best_weights)}")
            refuse_other_size(run, read_face_px(run.best_weights), face_px)


def refuse_other_size(run: Run, teacher_px: int, face_px: int) -> None:
    """Raises InputError if a teacher needs faces of another size than those of the data set."""
    if teacher_px != face_px:
        raise InputError(
            f"The teacher {run.run_id} needs faces of {teacher_px} px; the data set has {face_px} px. Choose a "
            "teacher trained on faces of that size."
        )


def read_face_px(weights: Path) -> int:
    """The side of the faces that the network of a weights file needs, read from the file's header.

    Raises:
        InputError: if the file is damaged.
    """
    try:
        with weights.open("rb") as file:
            n_bytes = int.from_bytes(file.read(8), "little")
            described = json.loads(file.read(n_bytes))["__metadata__"]
        while "members" in described:
            described = json.loads(described["members"])[0]
        return int(json.loads(described["preprocessing"])["face_px"])
    except (ValueError, KeyError, OverflowError) as error:
        raise InputError(f"teacher: {weights} is damaged. Choose another teacher, or train that one again.") from error


def find_cross_fitted(dataset: str, fingerprint: str) -> Group | None:
    """The newest finished cross-validation on exactly this data set."""
    for group in list_groups():
        if group.info.dataset != dataset or not group.is_finished:
            continue
        if all(run.fingerprint == fingerprint for run in group.runs):
            return group
    return None


def _is_group(group_id: str) -> bool:
    return (kfold_dir() / group_id / "kfold.json").is_file()
