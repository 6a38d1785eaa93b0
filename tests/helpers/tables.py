"""Small tables of results in `tmp_path`, on the data set `tiny`."""

from pathlib import Path

from fer_core.studies.results.table_file import TableFile, read_table_file

HEAD = """
[sources]
fer2013 = "fer2013=tiny-source/fer2013.csv"

[dataset.tiny]
sources = ["fer2013"]

[section.main]
title = "Main"
val = "PublicTest"
test = "PrivateTest"
"""
SET = (
    '{ model = "compact_small", input_px = 24, epochs = 1, batch_size = 4, threads = 1, precision = "float32", '
    'memory_format = "channels_last", device = "cpu" }'
)


def row(name: str, kind: str = "train", more: str = "") -> str:
    """The text of a row on `tiny`; a training is a tiny one."""
    dataset = "" if kind == "recorded" else 'dataset = "tiny"\n'
    settings = f"set = {SET}\n" if kind == "train" else ""
    about = f'name = "{name}"\nkind = "{kind}"\ntitle = "The {name}"\nsection = "main"\n'
    return f"\n[[row]]\n{about}{dataset}{settings}{more}"


def write_file(folder: Path, *rows: str, head: str = HEAD) -> TableFile:
    """Writes and reads `results.toml` with these rows."""
    path = folder / "results.toml"
    path.write_text(head + "".join(rows))
    return read_table_file(path)


def entry(seed: int | None = 0, accuracy: float = 0.5, **values: object) -> dict[str, object]:
    """An entry as a run leaves one; its confusion matrix has 7 faces."""
    scores = {
        "n": 7, "accuracy": accuracy, "n_without_copies": 6, "accuracy_without_copies": accuracy, "macro_f1": 0.4,
        "ece": 0.05, "ece_floor": 0.02, "confusion": [[int(i == j) for j in range(7)] for i in range(7)],
    }  # fmt: skip
    return {
        "seed": seed, "run_id": f"run-{seed}", "command": "fer train", "measured": "2026-11-28", "git_commit": "abc",
        "dataset_fingerprint": "f", "device": "cpu", "machine": "CPU, 1 thread", "seconds": 90.0, "n_epochs": 2,
        "best_epoch": 2, "scores": {"val": scores, "test": scores},
        "curves": {"epoch": [1, 2], **{f"{s}_{m}": [0.5, 0.25] for s in ("train", "train_clean", "val")
                                       for m in ("loss", "accuracy")}}, **values,
    }  # fmt: skip


RECORDED = """
[[row.recorded]]
on = 2026-11-24
command = "fer train --preset old"
epochs = "6"
n = 3589
val = 58.1
test = 59.6
"""
