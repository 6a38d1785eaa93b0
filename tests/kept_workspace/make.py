"""Makes `workspace-VERSION.zip`: a small workspace with one of everything that this version leaves on the disk.

`python -m tests.kept_workspace.make [FOLDER]`, two minutes on one core. It is made once for each version whose
files differ, and kept: a later version proves with it that it opens what this one has written.
"""

import json
import os
import shutil
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock
from zipfile import ZipFile

import fer_core
from fer_core.base.workspace import home, runs_dir
from fer_core.datasets.assembling.again import assemble_again
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.demo import make_demo
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.corrections.log import open_log
from fer_core.datasets.dataset import delete_dataset, open_dataset
from fer_core.evaluation.evaluate import rescore_run
from fer_core.export.run import zip_run
from fer_core.runs.create import create_run
from fer_core.runs.extend import extend_config
from fer_core.runs.find import delete_run
from fer_core.runs.run import Run
from fer_core.sources.archives.upload import unpack_upload
from fer_core.studies.ensemble import make_ensemble
from tests.helpers.photo import draw_photo
from tests.kept_workspace import leftovers, links, pack, table
from tests.kept_workspace.sources import draw_few, write_csv, write_folder, write_zip
from tests.kept_workspace.trainings import Stop, make_lost, make_stopped, make_waiting, new_run, thin_and_alone, train

HERE = Path(__file__).parent


def make(root: Path) -> None:
    """Makes the workspace in `root/workspace`; beside it an export, a table of results, links to pages and a photo."""
    csv = write_csv(root / "sources" / "fer2013")
    folder = write_folder(root / "sources" / "pictures", 2)
    recipe = _make_datasets(root, csv, folder)
    runs = _make_runs()
    leftovers.make_group()
    leftovers.make_search()
    leftovers.make_lr_range()
    leftovers.make_leak()
    leftovers.make_copy_counts(recipe)
    _correct_and_assemble_again()
    table.write_results(root)
    assembled = DatasetRecipe("assembled", sources=recipe.sources[1:], split="80:10:10")
    leftovers.make_assembly_jobs(assembled, root / "sources" / "none.csv")
    leftovers.strip_weights(runs["people"], "bare")
    _export(root, runs["people"])
    draw_photo(("happy", "sad"), 192, 1).save(root / "photo.jpg", quality=60)
    (root / "links.json").write_text(json.dumps(links.list_links(runs), indent=1) + "\n")
    pack.drop_checkpoints(runs_dir(), {runs["stopped"].run_id})
    pack.remove_sources(root)


def _make_datasets(root: Path, csv: Path, folder: Path) -> DatasetRecipe:
    """`faces`, which leaves faces out for every reason, and its recipe; `corrected`, `demo`, `uploaded` and `gone`."""
    sources = (("fer2013", str(csv)), ("folder", str(folder)))
    recipe = DatasetRecipe(
        "faces", sources=sources, skip_bad=True, copies="drop_surplus",
        drop=("contempt", "unknown", "not-a-face", "tie"),
        leave_out=("constant", "dark"), caps=(("fer2013", 2),),
    )  # fmt: skip
    assemble(recipe)
    assemble(DatasetRecipe("corrected", sources=sources, skip_bad=True, labels="votes"))
    assemble(DatasetRecipe("gone", sources=sources[1:], split="80:10:10"))
    with mock.patch("fer_core.sources.demo.reader.make_demo_faces", draw_few):
        make_demo(n=70)
    archive = write_zip(root / "sources" / "album.zip", 3)
    with archive.open("rb") as file:
        upload = unpack_upload(file, archive.name, home() / "uploads")
    assemble(DatasetRecipe("uploaded", sources=(("auto", str(upload)),)))
    return recipe


def _make_runs() -> dict[str, Run]:
    """Name -> run."""
    runs = {"plain": train(new_run("plain", epochs=8))}
    people = {"votes_weight": 1.0, "labels_from": "all", "ema": 0.5, "seed": 1, "epochs": 6, "tensorboard": True}
    runs["people"] = train(new_run("people", **people))
    runs["student"] = train(new_run("student", teacher=runs["people"].run_id, teacher_views=2, epochs=1))
    runs["stopped"], runs["lost"] = make_stopped(), make_lost()
    (home() / "misfit.pt").write_bytes(b"no weights")
    runs["failed"] = train(new_run("failed", init=f"file:{home() / 'misfit.pt'}"))
    (home() / "misfit.pt").unlink()
    runs["early"] = train(new_run("early", learning_rate=1e-9, early_stopping=1, epochs=5, schedule="constant"))
    runs["extended"] = _extend(runs["plain"])
    parent = train(new_run("parent", epochs=1))
    runs["orphan"] = _extend(parent)
    delete_run(parent)
    runs["ensemble"] = make_ensemble([runs["plain"], runs["people"]], "both")
    runs["drawn"] = train(new_run("drawn", dataset="demo", epochs=1))
    runs["corrected"] = train(new_run("corrected", dataset="corrected"))
    runs["without"] = train(new_run("without its data set", dataset="gone", epochs=1))
    runs["queued"], runs["slurm"] = make_waiting()
    return runs


def _extend(run: Run) -> Run:
    return train(create_run(extend_config(run, 1), f"fer extend {run.run_id} --epochs 1"), Stop())


def _correct_and_assemble_again() -> None:
    """Corrections of each kind, laid over; the scores of the run from before on the new version; a data set deleted."""
    leftovers.correct("corrected", "pseudo.csv")
    leftovers.correct("gone", "pseudo.csv")
    assemble_again("corrected")
    rescore_run(next(Run(path) for path in sorted(runs_dir().glob("*-corrected"))))
    delete_dataset("gone")
    assert open_log("gone").standing
    assert open_dataset("corrected").info.replaced


def _export(root: Path, run: Run) -> None:
    (root / "export").mkdir()
    (root / "export" / "people.zip").write_bytes(zip_run(run))


def main(folder: Path) -> Path:
    """Writes the zip file into `folder` and returns its path."""
    path = folder / f"workspace-{fer_core.__version__.rpartition('.')[0]}.zip"
    with tempfile.TemporaryDirectory() as place, thin_and_alone():
        root = Path(place).resolve() / "kept"
        root.mkdir()
        os.environ |= {"FER_HOME": str(root / "workspace"), "LOGNAME": leftovers.WHO, "OMP_NUM_THREADS": "1"}
        with redirect_stdout(sys.stderr):
            make(root)
        pack.neutralise(root)
        pack.write_pack(root, path)
        if os.environ.get("KEEP"):
            shutil.copytree(root, os.environ["KEEP"])
    return path


if __name__ == "__main__":
    made = main(Path(sys.argv[1]) if sys.argv[1:] else HERE)
    with ZipFile(made) as archive:
        print(f"{made}: {made.stat().st_size:,} bytes, {len(archive.namelist()):,} files")
