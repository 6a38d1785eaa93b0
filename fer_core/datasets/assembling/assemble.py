"""Assembles one data set from a recipe of sources. The folder appears under its name once it is complete."""

from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd

from fer_core.base.files import write_json
from fer_core.base.progress import Progress, no_progress
from fer_core.datasets.assembling.card import write_card
from fer_core.datasets.assembling.decode import Target
from fer_core.datasets.assembling.describe import Changes, describe
from fer_core.datasets.assembling.left_out import count_left_out, list_left_out, write_left_out
from fer_core.datasets.assembling.place import build_dataset
from fer_core.datasets.assembling.recipe import DatasetRecipe, name_sources
from fer_core.datasets.assembling.source_faces import write_source
from fer_core.datasets.checks.balance import count_training, limit_training
from fer_core.datasets.checks.copies import mark_copies_in_train, name_links
from fer_core.datasets.checks.copy_groups import group_copies
from fer_core.datasets.checks.copy_rules import place_faces
from fer_core.datasets.checks.flags import count_flags, flag_faces, leave_out_flagged
from fer_core.datasets.corrections.log import DROP
from fer_core.datasets.corrections.overlay import lay_over
from fer_core.datasets.counts import LabelChanges, LimitedTraining, Quality
from fer_core.datasets.dataset import FACES, INFO, TABLE, Dataset
from fer_core.datasets.face_file import FaceFile
from fer_core.datasets.splits import check_rule
from fer_core.errors import InputError
from fer_core.pictures.detector import find_model
from fer_core.sources.readers import read_source, recognise
from fer_core.sources.records import COLUMNS, SEQUENCE, Reading, refuse_problems
from fer_core.sources.stamp import Stamp, refuse_changed, stamp_source


def assemble(recipe: DatasetRecipe, progress: Progress = no_progress) -> Dataset:
    """Creates `datasets/<name>`; an existing data set of that name is replaced only once the new one is complete.

    Args:
        recipe: the sources and how they are combined.
        progress: called with the current step, items done and items in total.

    Raises:
        InputError: for a bad source or a full disk, with the next step.

    Example:
        >>> recipe = fer.DatasetRecipe("mixed", sources=["~/data/fer2013.csv", "~/data/CK+48"], copies="drop_surplus")
        >>> data = fer.assemble(recipe)
        >>> data.name, data.faces.shape[1:]
        ('mixed', (48, 48))
    """
    return build_dataset(recipe.name, lambda folder: assemble_into(recipe, folder, progress))


def assemble_into(recipe: DatasetRecipe, folder: Path, progress: Progress = no_progress) -> None:
    """Reads the recipe's sources and writes the data set's files into an empty folder."""
    readings, stamps = read_sources(recipe, progress)
    write_dataset(recipe, readings, folder, progress)
    for source, stamp in stamps:
        refuse_changed(source, stamp)


def read_sources(
    recipe: DatasetRecipe, progress: Progress = no_progress
) -> tuple[list[Reading], list[tuple[Path, Stamp]]]:
    """Reads the recipe's sources; also returns each path's stamp from before it was read.

    Raises:
        InputError: for a source that cannot be read, or with problems that the recipe does not skip.
    """
    readings, stamps = [], []
    readers = [recognise(Path(path))[0] if name == "auto" else name for name, path in recipe.pairs]
    for i, ((_, path), name) in enumerate(zip(recipe.pairs, name_sources(readers), strict=True)):
        progress(f"reading {Path(path).name}", i, len(recipe.pairs))
        stamps.append((Path(path), stamp_source(Path(path))))
        readings.append(read_source(readers[i], Path(path), recipe.classes_of(name), progress))
        if not recipe.skip_bad:
            refuse_problems(readings[-1])
    return readings, stamps


def write_dataset(
    recipe: DatasetRecipe, readings: list[Reading], folder: Path, progress: Progress = no_progress
) -> None:
    """Combines the sources: decodes, finds copies, splits, corrects and excludes faces, and writes the data set."""
    # A name of its own: a process of a failed assembly may still be writing, and shall not write into this file.
    file = FaceFile(folder / f"{uuid4().hex}.npy", recipe.size)
    read = write_faces(recipe, readings, file, progress)
    faces = file.open()
    progress("splitting", 0, 1)
    kept = place_faces(read, recipe.copies, recipe.split, recipe.seed)
    table = _finish_table(kept.reset_index(drop=True)).set_axis(kept.index)
    progress("applying corrections", 0, 1)
    labelled, table, labels, quality, balance = _change(table, recipe)
    progress("writing", 0, 1)
    left_out = list_left_out(read, labelled, table.index, recipe)
    if len(left_out):
        write_left_out(folder, left_out, faces)
    faces = _keep_faces(folder / FACES, file, table.index.to_numpy())
    table = table.reset_index(drop=True)
    table.to_parquet(folder / TABLE, index=False)
    changes = Changes(
        n_dropped_copies=len(read) - len(kept),
        turned_searched=recipe.searches_turned(read["sha256"].nunique()),
        labels=labels,
        quality=quality,
        balance=balance,
        left_out=count_left_out(left_out),
    )
    info = describe(recipe, readings, table, faces, changes)
    write_json(folder / INFO, info.to_document())
    write_card(folder, info)
    progress("done", 1, 1)


def write_faces(recipe: DatasetRecipe, readings: list[Reading], file: FaceFile, progress: Progress) -> pd.DataFrame:
    """Writes the faces of all sources to one file; returns one table indexed by the position in that file.

    The table has copy_group and linked (`fer_core.datasets.checks.copy_groups`).

    Raises:
        InputError: for a recipe that does not fit the sources, or an unreadable face that the recipe does not skip.
    """
    names = name_sources([reading.source for reading in readings])
    for reading, name in zip(readings, names, strict=True):
        reading.source = name
    check_rule(recipe.split, names)
    recipe.limits.check_sources(names)
    recipe.open_corrections()  # reports a wrong name before the work starts
    if recipe.align:
        find_model()  # else the finder would fail image by image
    tables, first = [], 0
    file.create(sum(len(reading.table) for reading in readings))
    for reading in readings:
        target = Target(recipe.size, recipe.align, file, first)
        tables.append(write_source(reading, target, recipe.skip_bad, progress))
        first += len(reading.table)
    table = pd.concat(tables)
    if SEQUENCE in table:
        table[SEQUENCE] = table[SEQUENCE].fillna("")
    if table.empty:
        raise InputError("The sources have no usable faces. Inspect them with fer data inspect PATH.")
    progress("finding copies", 0, 1)
    groups = group_copies(
        file.open(), table.index.to_numpy(), table, recipe.near, recipe.turned,
        lambda done, total: progress("finding turned copies", done, total),
    )  # fmt: skip
    table["copy_group"], table["linked"] = groups
    return table


def _finish_table(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of every data set, then additional ones from the sources."""
    made = ("source", "sha256", "copy_group", "linked", "group", "split")
    extra = [column for column in table if column not in (*COLUMNS, *made)]
    table["face_id"] = table["source"] + ":" + table["origin"]
    table["original_expression"] = table["expression"]
    table["label_from"] = table["source"]
    columns = ["face_id", "source", "origin", "subject", "group", "copy_group", "linked"]
    labels = ["expression", "original_expression", "label_from"]
    return table[[*columns, *labels, "split", "usage", "sha256", *extra]].assign(flags=flag_faces(table))


def _change(
    table: pd.DataFrame, recipe: DatasetRecipe
) -> tuple[pd.DataFrame, pd.DataFrame, LabelChanges, Quality, LimitedTraining]:
    """All faces with corrected labels, those that are kept, and the changes.

    It runs after the split, so that the same sources have the same split however their labels change.
    """
    labelled, labels = _correct(table, recipe)
    stay, left_out = leave_out_flagged(labelled[labelled["expression"] != DROP], recipe.leave_out, recipe.relabel)
    stay, balance = limit_training(stay, count_training(table), recipe.limits, recipe.seed)
    stay["copy_in_train"] = mark_copies_in_train(stay)
    stay["near_copy_in_train"] = mark_copies_in_train(stay, name_links(stay))
    gone = labelled[(labelled["expression"] != DROP) & ~labelled.index.isin(stay.index)]
    n_gone = int((gone["expression"] != gone["original_expression"]).sum())
    labels = labels.model_copy(update={"n_changed_left_out": n_gone})
    return labelled, stay, labels, count_flags(stay, left_out), balance


def _correct(table: pd.DataFrame, recipe: DatasetRecipe) -> tuple[pd.DataFrame, LabelChanges]:
    """The table with corrected labels, DROP for a face to exclude, and the changes."""
    log = recipe.open_corrections()
    overlay = lay_over(table, recipe.rules, list(log.standing.values()) if log else [])
    if (overlay.expression == DROP).all():
        raise InputError("Votes and corrections exclude every face. Exclude fewer, or undo corrections.")
    labelled = table.assign(expression=overlay.expression, label_from=overlay.label_from)
    return labelled, overlay.changes.model_copy(update={"n_lines": log.n_lines if log else 0})


def _keep_faces(path: Path, file: FaceFile, places: np.ndarray) -> np.ndarray:
    """Writes the faces at these positions of the file as the data set's array, and deletes the file."""
    faces = file.open()
    if len(places) < len(faces):  # others could not be read, or are left out
        FaceFile(path, file.size).fill(faces, places)
        file.path.unlink()
    else:
        file.path.replace(path)
    return FaceFile(path, file.size).open()
