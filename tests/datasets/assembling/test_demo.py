import json
from inspect import signature

import numpy as np

from fer_core.datasets.assembling.again import assemble_again
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.demo import make_demo
from fer_core.datasets.assembling.recipe import DatasetRecipe, parse_source
from fer_core.datasets.originals import read_originals
from fer_core.labels import EXPRESSIONS
from fer_core.sources.demo import reader
from fer_core.sources.demo.people import make_demo_faces
from tests.helpers.command import call
from tests.helpers.demo import N_FEW, draw_few_people
from tests.helpers.samples import write_ckplus


def test_the_demo_data_set_is_named_drawn_split_by_person_and_the_same_every_time():
    dataset = make_demo(n=420)
    assert dataset.info.drawn is True
    assert (dataset.table.groupby("subject")["split"].nunique() == 1).all()
    assert {"drawn_expression", "ambiguous"} <= set(dataset.table)
    assert min(dataset.info.splits.values()) > 0
    assert np.array_equal(dataset.faces, make_demo_faces(420).faces)


def test_a_demo_data_set_of_an_earlier_version_is_assembled_again_to_the_same_faces(monkeypatch):
    draw_few_people(monkeypatch)
    path = make_demo(n=N_FEW).path / "dataset.json"
    info = json.loads(path.read_text())
    made = info["fingerprint"]
    info["recipe"]["sources"] = [["demo", "seed 0"]]
    del info["version"]
    path.write_text(json.dumps(info))
    again = assemble_again("demo")
    assert again.info.fingerprint == made
    assert again.info.replaced.recipe == {}


def test_drawn_faces_join_other_sources_and_have_no_originals(tmp_path, monkeypatch):
    draw_few_people(monkeypatch)
    sources = (parse_source(f"demo={N_FEW}"), parse_source(str(write_ckplus(tmp_path))))
    joined = assemble(DatasetRecipe("joined", sources=sources, split="80:10:10", near=False))
    assert joined.info.drawn is False
    assert [part.source for part in joined.info.sources] == ["demo", "ckplus"]
    rows = [row for row, _ in read_originals(joined, np.arange(joined.info.n))]
    assert set(joined.table["source"].iloc[rows]) == {"ckplus"}


def test_the_command_asks_for_no_fewer_faces_than_are_drawn(capsys, monkeypatch):
    least = signature(make_demo_faces).parameters["n_subjects"].default * len(EXPRESSIONS)
    asked = []
    monkeypatch.setattr(reader, "make_demo_faces", lambda n, **choices: asked.append(n) or make_demo_faces(n - 1))
    assert call(capsys, "data", "demo", "--n", least - 1)[0] == 2
    assert asked == []
    assert "need at least" in call(capsys, "data", "demo", "--n", least)[2]
    assert asked == [least]
