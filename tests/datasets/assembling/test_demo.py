from inspect import signature

from fer_core.datasets.assembling import demo
from fer_core.datasets.assembling.demo import make_demo
from fer_core.labels import EXPRESSIONS
from fer_core.sources.demo.people import make_demo_faces
from tests.cli.test_cli import call


def test_the_demo_data_set_is_named_drawn_split_by_person_and_the_same_every_time():
    dataset = make_demo(n=420)
    assert dataset.info["drawn"] is True
    assert (dataset.table.groupby("subject")["split"].nunique() == 1).all()
    assert {"drawn_expression", "ambiguous"} <= set(dataset.table)
    assert min(dataset.info["splits"].values()) > 0
    assert make_demo("again", n=420).info["fingerprint"] == dataset.info["fingerprint"]


def test_the_command_asks_for_no_fewer_faces_than_are_drawn(capsys, monkeypatch):
    least = signature(make_demo_faces).parameters["n_subjects"].default * len(EXPRESSIONS)
    asked = []
    monkeypatch.setattr(demo, "make_demo_faces", lambda n, **choices: asked.append(n) or make_demo_faces(n - 1))
    assert call(capsys, "data", "demo", "--n", least - 1)[0] == 2
    assert asked == []
    assert "Ask for" in call(capsys, "data", "demo", "--n", least)[2]
    assert asked == [least]
