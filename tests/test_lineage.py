"""What a network comes from stays known: members, parents, teachers, weights files and its own deal of the faces."""

import numpy as np
import pytest

from fer_core.ensembles import make_ensemble
from fer_core.evaluate import evaluate_run
from fer_core.learned import read_learned
from fer_core.runs import delete_run
from tests.samples import write_fer2013
from tests.test_cli import call
from tests.test_learned import deal, digests_of, n_new, new_run
from tests.test_train import train


@pytest.fixture
def source(tmp_path):
    return write_fer2013(tmp_path / "source", 20)


def test_an_ensembles_list_made_anew_still_has_the_faces_of_all_members(source, capsys):
    before = digests_of(deal(source, 0), "train")
    parent = train(new_run())
    again = deal(source, 1)
    members = [train(new_run(seed=1)), train(new_run(init=f"run:{parent.run_id}"))]
    made = make_ensemble(members)
    expected = len(before | digests_of(again, "train"))
    assert len(read_learned(made.path).faces) == expected
    _, out, _ = call(capsys, "runs", "learned", made.run_id, "--again")
    assert f"learned {expected} different faces" in out
    assert evaluate_run(made, "test")["n_without_copies"] == n_new(again, before, digests_of(again, "train"))


@pytest.mark.parametrize("tie", ["init", "teacher", "file"])
def test_a_list_made_anew_keeps_the_faces_of_a_parent_that_is_gone(source, tie, capsys):
    deal(source, 0)
    parent = train(new_run())
    deal(source, 1)
    where = {"init": f"run:{parent.run_id}", "teacher": parent.run_id, "file": f"file:{parent.best_weights}"}[tie]
    run = train(new_run(**{"teacher" if tie == "teacher" else "init": where}))
    kept = read_learned(run.path)
    assert kept.note is None
    delete_run(parent)
    assert call(capsys, "runs", "learned", run.run_id, "--again")[0] == 0
    now = read_learned(run.path)
    assert np.array_equal(now.faces, kept.faces)
    assert now.note is None
