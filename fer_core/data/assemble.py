"""A recipe of sources -> one assembled data set. The folder appears under its name when it is whole."""

import hashlib
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from fer_core.corrections.log import DROP
from fer_core.corrections.overlay import lay_over
from fer_core.data.align import count_aligned
from fer_core.data.copies import choose_kept, find_groups, group_copies, mark_copies_in_train, report_copies
from fer_core.data.dataset import FACES, INFO, TABLE, Dataset, count_faces, open_dataset
from fer_core.data.decode import align_pixels, decode_table, note_animated, pixels_sha256, resize_faces
from fer_core.data.face_file import FaceWriter, read_chunks
from fer_core.data.readers import read_source
from fer_core.data.recipe import Recipe
from fer_core.data.records import COLUMNS, Reading, refuse_problems
from fer_core.data.splits import check_rule, split_faces
from fer_core.errors import InputError
from fer_core.faces import find_model
from fer_core.files import explain_full_disk, write_json
from fer_core.workspace import datasets_dir

MAX_PROBLEMS_KEPT = 1000
Progress = Callable[[str, int, int], None]


def no_progress(step: str, done: int, total: int) -> None:
    """Where no one watches."""


def assemble(recipe: Recipe, progress: Progress = no_progress) -> Dataset:
    """Makes `datasets/<name>`; a data set of that name is replaced only when the new one is whole.

    Args:
        recipe: the sources and how they are joined.
        progress: called with what is being done, how many of how many.

    Raises:
        InputError: for a bad source (one sentence with the next step), or a disk that is full.
    """
    return build_dataset(recipe.name, lambda folder: assemble_into(recipe, folder, progress))


def build_dataset(name: str, write: Callable[[Path], None]) -> Dataset:
    """Calls `write(folder)` with an empty folder, then puts it in the data set's place; nothing is left of a failure.

    Raises:
        InputError: when the name is being assembled by another process, or the disk is full.
    """
    datasets_dir().mkdir(parents=True, exist_ok=True)
    lock = FileLock(datasets_dir() / f".{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(f"The data set {name!r} is being assembled already. Wait for it, or stop it.") from error
    partial = datasets_dir() / f".{name}.partial"
    with lock, explain_full_disk(partial):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            write(partial)
            _put_in_place(partial, datasets_dir() / name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return open_dataset(name)


def assemble_into(recipe: Recipe, folder: Path, progress: Progress = no_progress) -> None:
    """Reads the recipe's sources and writes the data set's three files into an empty folder."""
    readings = []
    for i, (name, path) in enumerate(recipe.sources):
        progress(f"reading {Path(path).name}", i, len(recipe.sources))
        readings.append(read_source(name, Path(path)))
        if not recipe.skip_bad:
            refuse_problems(readings[-1])
    write_dataset(recipe, readings, folder, progress)


def write_dataset(recipe: Recipe, readings: list[Reading], folder: Path, progress: Progress = no_progress) -> None:
    """Joins what was read: decodes, finds copies, splits, and writes the data set's three files."""
    names = name_sources([reading.source for reading in readings])
    for reading, name in zip(readings, names, strict=True):
        reading.source = name
    check_rule(recipe.split, names)
    if recipe.align:
        find_model()  # else the finder would fail image by image
    with FaceWriter(folder / FACES, recipe.size) as writer:
        table = pd.concat([_write_faces(reading, writer, recipe, progress) for reading in readings], ignore_index=True)
    if table.empty:
        raise InputError("No face is left from the sources. Inspect them with fer data inspect PATH.")
    n_decoded = len(table)
    faces = np.load(folder / FACES, mmap_mode="r")
    progress("finding copies and splitting", 0, 1)
    table["copy_group"] = group_copies(faces, table["sha256"], recipe.near)
    kept = np.flatnonzero(_choose_kept(table, recipe))
    if not len(kept):
        raise InputError("Every face is a copy under contradicting labels. Choose to keep the copies.")
    table, labels = _correct(_finish_table(table.iloc[kept].reset_index(drop=True), recipe), recipe)
    rows = kept[table.index.to_numpy()]
    if len(rows) < n_decoded:
        faces = _keep_rows(folder, faces, rows)
    table = table.reset_index(drop=True)
    table.to_parquet(folder / TABLE, index=False)
    info = _describe(recipe, readings, table, faces)
    write_json(folder / INFO, {**info, "n_dropped_copies": n_decoded - len(kept), "labels": labels})
    progress("done", 1, 1)


def name_sources(readers: list[str]) -> list[str]:
    """The names of a data set's sources, which tell two of one reader apart: folder, folder-2, ..."""
    seen: Counter[str] = Counter()
    names = []
    for reader in readers:
        seen[reader] += 1
        names.append(f"{reader}-{seen[reader]}" if seen[reader] > 1 else reader)
    return names


def _write_faces(reading: Reading, writer: FaceWriter, recipe: Recipe, progress: Progress) -> pd.DataFrame:
    """Appends one source's faces; returns the rows that got there, with sha256."""
    table = reading.table.assign(source=reading.source)
    step = f"decoding {reading.source}"
    if reading.pixels is not None:
        table = table.assign(sha256=[pixels_sha256(face) for face in reading.pixels])
        if recipe.align:
            return table.assign(aligned=_align_pixels(reading.pixels, writer, recipe.size, step, progress))
        writer.append(resize_faces(reading.pixels, recipe.size))
        progress(step, len(table), len(table))
        return table
    rows: list[np.ndarray] = []
    digests: list[str] = []
    aligned: list[bool] = []
    n_done, n_animated = 0, 0
    for chunk in decode_table(reading.root, reading.table, recipe.size, recipe.align):
        reading.problems.extend(chunk.problems)
        if not recipe.skip_bad:
            refuse_problems(reading)
        writer.append(chunk.faces)
        rows.append(chunk.rows)
        digests.extend(chunk.sha256)
        aligned.extend(chunk.aligned)
        n_animated += chunk.n_animated
        n_done += len(chunk.rows) + len(chunk.problems)
        progress(step, n_done, len(table))
    reading.notes += note_animated(n_animated)
    table = table.iloc[np.concatenate(rows) if rows else []].assign(sha256=digests)
    return table.assign(aligned=aligned) if recipe.align else table


def _align_pixels(pixels: np.ndarray, writer: FaceWriter, size: int, step: str, progress: Progress) -> list[bool]:
    """Appends the faces of a source that is pixels itself, aligned; returns which of them were found."""
    aligned: list[bool] = []
    for faces, found in align_pixels(pixels, size):
        writer.append(faces)
        aligned.extend(found)
        progress(step, len(aligned), len(pixels))
    return aligned


def _choose_kept(table: pd.DataFrame, recipe: Recipe) -> np.ndarray:
    if recipe.copies == "keep":
        return np.ones(len(table), bool)
    official = recipe.split == "official"
    places = split_faces(table.assign(group=find_groups(table)), "official", recipe.seed) if official else "train"
    return choose_kept(table.assign(split=places), recipe.copies)


def _keep_rows(folder: Path, faces: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The faces of these rows as the folder's array, where others were dropped or left out."""
    part = folder / f"kept.{FACES}"
    with FaceWriter(part, faces.shape[1]) as writer:
        for _, chunk in read_chunks(faces, rows):
            writer.append(chunk)
    part.replace(folder / FACES)
    kept: np.ndarray = np.load(folder / FACES, mmap_mode="r")
    return kept


def _correct(table: pd.DataFrame, recipe: Recipe) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The faces that stay, under their corrected labels; and what that changed, for `dataset.json`.

    It comes after the split, so that the same sources have the same split whatever their labels become.
    """
    log = recipe.open_corrections()
    overlay = lay_over(table, recipe.rules, list(log.standing.values()) if log else [])
    stays = overlay.expression != DROP
    kept = table.assign(expression=overlay.expression, label_from=overlay.label_from)[stays]
    if kept.empty:
        raise InputError("No face is left once votes and corrections are laid over. Drop less, or undo corrections.")
    kept["copy_in_train"] = mark_copies_in_train(kept)
    kept["near_copy_in_train"] = mark_copies_in_train(kept, "copy_group")
    return kept, {"n_lines": log.n_lines if log else 0, **overlay.changes}


def _finish_table(table: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """The table as it is written: the columns of every data set, then what a source brought beside them."""
    extra = [column for column in table if column not in (*COLUMNS, "source", "sha256", "copy_group")]
    table["group"] = find_groups(table)
    table["split"] = split_faces(table, recipe.split, recipe.seed)
    table["face_id"] = table["source"] + ":" + table["origin"]
    table["original_expression"] = table["expression"]
    table["label_from"] = table["source"]
    columns = ["face_id", "source", "origin", "subject", "group", "copy_group", "expression", "original_expression"]
    return table[[*columns, "label_from", "split", "usage", "sha256", *extra]]


def _describe(recipe: Recipe, readings: list[Reading], table: pd.DataFrame, faces: np.ndarray) -> dict[str, Any]:
    digest = hashlib.sha256()
    for _, chunk in read_chunks(faces):
        digest.update(chunk.data)
    digest.update(table[["face_id", "expression", "split"]].to_csv(index=False).encode())
    problems = [(reading.source, problem) for reading in readings for problem in reading.problems]
    return {
        "name": recipe.name,
        "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "drawn": all(reading.source == "demo" for reading in readings),
        "n": len(table),
        "size_px": recipe.size,
        "splits": {split: int((table["split"] == split).sum()) for split in ("train", "val", "test")},
        "counts": count_faces(table),
        "sources": [_describe_source(reading, table) for reading in readings],
        "n_skipped": len(problems),
        "problems": [{"source": s, **asdict(problem)} for s, problem in problems[:MAX_PROBLEMS_KEPT]],
        "copies": report_copies(table, recipe.near).to_dict(),
        **({"alignment": count_aligned(table)} if recipe.align else {}),
        "fingerprint": digest.hexdigest(),
        "recipe": asdict(recipe),
    }


def _describe_source(reading: Reading, table: pd.DataFrame) -> dict[str, Any]:
    return {
        "source": reading.source,
        "layout": reading.layout,
        "path": str(reading.root),
        "n": int((table["source"] == reading.source).sum()),
        "left_out": dict(reading.left_out),
        "n_skipped": len(reading.problems),
        "notes": reading.notes,
    }


def _put_in_place(new: Path, place: Path) -> None:
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
