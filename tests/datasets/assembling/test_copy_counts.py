"""What the rules for copies would take, counted beforehand and taken by assembling."""

import numpy as np
import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.copy_counts import count_copies, main, read_counting, read_counts
from fer_core.datasets.assembling.copy_counts import start_counting as start
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.checks.copies import COPY_RULES
from fer_core.errors import InputError
from tests.helpers.copies import write_copies
from tests.helpers.samples import write_ckplus, write_fer2013


@pytest.fixture
def sources(tmp_path):
    """FER2013 with copies across its splits, a folder with contradicting copies of them, and CK+."""
    path = write_fer2013(tmp_path)
    lines = path.read_text().splitlines()
    test, train = (next(line for line in lines if line.endswith(usage)) for usage in ("PrivateTest", "Training"))
    label, pixels, _ = train.split(",")
    mirrored = " ".join(np.array(pixels.split()).reshape(48, 48)[:, ::-1].ravel())
    more = [test.replace("PrivateTest", "Training"), train, f"{(int(label) + 1) % 7},{mirrored},PublicTest"]
    path.write_text("\n".join([*lines, *more]) + "\n")
    return ("fer2013", str(path)), *write_copies(tmp_path), ("ckplus", str(write_ckplus(tmp_path)))


@pytest.mark.parametrize("split", ["official", "80:10:10", "leave-out:folder"])
def test_assembling_takes_as_many_faces_as_was_said_before(sources, split):
    counted = count_copies(DatasetRecipe("x", sources=sources, split=split))
    assert max(row.n for row in counted) > 0
    for rule in COPY_RULES:
        info = assemble(DatasetRecipe("x", sources=sources, split=split, copies=rule)).info
        taken = {part.source: 0 for part in info.sources}
        for row in info.left_out:
            taken[row.source] += row.n
        assert {row.source: row.n for row in counted if row.rule == rule} == taken
        assert sum(taken.values()) == info.n_dropped_copies


def test_what_was_counted_is_kept_until_the_sources_or_the_split_change(tmp_path, workspace, monkeypatch):
    recipe = DatasetRecipe("x", sources=write_copies(tmp_path), split="80:10:10")
    monkeypatch.setattr("fer_core.jobs.folder.leave_detached", lambda command, log: None)
    assert read_counting(recipe) is read_counts(recipe) is None
    start(recipe)
    (folder,) = (workspace / "copy-counts").iterdir()
    main(folder)
    assert read_counting(recipe).state == "finished"
    counts = read_counts(
        DatasetRecipe("y", sources=recipe.sources, split="80:10:10", copies="drop_leaks", leave_out=("dark",))
    )
    assert counts == count_copies(recipe)
    assert sorted(file.suffix for file in folder.iterdir() if file.suffix == ".npy") == []
    assert read_counts(DatasetRecipe("x", sources=recipe.sources, split="80:10:10", seed=1)) is None
    (tmp_path / "waves" / "happy" / "new").mkdir()
    (tmp_path / "waves" / "surprise").mkdir()
    assert read_counts(recipe) is None


def test_a_source_that_is_gone_is_said(tmp_path):
    with pytest.raises(InputError, match="gone"):
        count_copies(DatasetRecipe("x", sources=(("folder", str(tmp_path / "gone")),), split="80:10:10"))
