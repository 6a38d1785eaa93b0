import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from fer_core.base.files import read_json, write_json
from fer_core.cli import app
from fer_core.datasets.assembling.again import assemble_again
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.dataset import delete_dataset
from fer_core.errors import InputError
from fer_core.jobs import folder
from fer_core.sources.demo.people import make_demo_faces
from fer_core.studies.source_leak import job, net
from fer_core.studies.source_leak.draw import draw_faces
from fer_core.studies.source_leak.measure import LEAK, measure_leak, read_leak, score_sources
from fer_core.studies.source_leak.net import tell_source
from tests.helpers.samples import make_dataset, write_fer2013, write_image

EXPRESSIONS = ("angry", "happy", "sad", "neutral")


def make_table(source_counts):
    """A row a face for {source: {expression: n}}; faces come in groups of two."""
    rows = [(s, e) for s, counts in source_counts.items() for e, n in counts.items() for _ in range(n)]
    table = pd.DataFrame(rows, columns=["source", "expression"])
    return table.assign(group=np.arange(len(table)) // 2)


def test_as_many_of_each_expression_are_drawn_from_each_source_and_no_group_is_on_both_sides():
    table = make_table({"a": {"happy": 80, "sad": 30, "fear": 9}, "b": {"happy": 60, "sad": 200}})
    draw = draw_faces(table, 70, seed=0)
    drawn = table.iloc[draw.rows].assign(is_test=draw.is_test)
    counts = drawn.groupby(["source", "expression"]).size().to_dict()
    assert counts == {("a", "happy"): 40, ("a", "sad"): 30, ("b", "happy"): 40, ("b", "sad"): 30}
    assert draw.matched
    assert draw.expressions == {"happy": 40, "sad": 30}
    assert (drawn.groupby("group")["is_test"].nunique() == 1).all()
    assert drawn.groupby("source")["is_test"].mean().to_list() == pytest.approx([0.3, 0.3], abs=0.05)
    assert np.array_equal(draw.source, (drawn["source"] == "b").astype(int))


def test_the_same_seed_draws_the_same_faces_and_another_one_others():
    table = make_table({"a": {"happy": 200}, "b": {"happy": 200}})
    first, same, other = (draw_faces(table, 100, seed) for seed in (0, 0, 1))
    assert np.array_equal(first.rows, same.rows)
    assert not np.array_equal(first.rows, other.rows)


def test_sources_that_share_no_expression_are_drawn_from_all_the_same_and_it_is_told():
    draw = draw_faces(make_table({"a": {"happy": 80}, "b": {"sad": 50, "fear": 10}}), 1000, seed=0)
    assert not draw.matched
    assert np.bincount(draw.source).tolist() == [60, 60]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        pytest.param({"a": {"happy": 80}}, "one source", id="one source"),
        pytest.param(
            {"a": {"happy": 80}, "b": {"sad": 9}},
            "Only 9 faces in . groups can be drawn from b|Only 9 faces",
            id="too few",
        ),
    ],
)
def test_what_cannot_be_told_is_said_in_a_sentence(counts, message):
    with pytest.raises(InputError, match=message):
        draw_faces(make_table(counts), 1000, seed=0)


def test_a_source_that_is_one_group_cannot_be_split():
    table = make_table({"a": {"happy": 80}, "b": {"happy": 80}})
    table.loc[table["source"] == "b", "group"] = -1
    with pytest.raises(InputError, match="Only 80 faces in 1 groups can be drawn from b"):
        draw_faces(table.assign(group=pd.factorize(table["group"])[0]), 1000, seed=0)


def test_the_score_is_the_mean_of_the_sources_shares_and_its_interval_widens_with_the_groups():
    source, predicted = np.repeat([0, 1], [40, 20]), np.repeat([0, 1, 1, 0], [30, 10, 10, 10])
    alone = score_sources(source, predicted, np.arange(60), 2, seed=0)
    assert alone.balanced_accuracy == pytest.approx((30 / 40 + 10 / 20) / 2)
    assert alone.confusion == [[30, 10], [10, 10]]
    assert alone.low < alone.balanced_accuracy < alone.high
    grouped = score_sources(source, predicted, np.arange(60) // 10, 2, seed=0)
    assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)


@pytest.fixture(scope="module")
def drawn():
    """Drawn faces to deal to two sources."""
    return make_demo_faces(420, n_subjects=20, size=48, seed=0).faces


def join(tmp_path, first, second):
    """The data set of two sources that are image folders of the same expressions."""
    for name, faces in (("one", first), ("two", second)):
        for i, face in enumerate(faces):
            path = tmp_path / name / EXPRESSIONS[i % len(EXPRESSIONS)] / f"{i:04d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(face).save(path)
    sources = (("folder", str(tmp_path / "one")), ("folder", str(tmp_path / "two")))
    return assemble(DatasetRecipe("two", sources=sources, split="80:10:10", near=False))


@pytest.mark.slow
def test_two_halves_of_one_source_cannot_be_told(tmp_path, drawn):
    leak = measure_leak(join(tmp_path, drawn[::2], drawn[1::2]), partial(tell_source, n_steps=30))
    assert leak.chance == 0.5
    for told in (leak.before, leak.after):
        assert told.low <= 0.55
        assert told.balanced_accuracy == pytest.approx(0.5, abs=0.12)


def test_a_source_that_is_brighter_is_told_almost_always(tmp_path, drawn):
    brighter = np.clip(drawn[1::2].astype(int) + 90, 0, 255).astype(np.uint8)
    leak = measure_leak(join(tmp_path, drawn[::2] // 2, brighter), partial(tell_source, n_steps=8))
    assert leak.before.balanced_accuracy > 0.97
    assert leak.after.balanced_accuracy > 0.97


def test_a_source_of_coloured_pictures_is_told_before_and_not_by_its_colour_after(tmp_path, drawn):
    def tell_by_colour(pixels, source, is_test, seed, progress):
        return (pixels[is_test].max(3) != pixels[is_test].min(3)).any((1, 2)).astype(int)

    coloured = np.stack([drawn[1::2]] * 3, 3)
    coloured[..., 0] //= 2
    leak = measure_leak(join(tmp_path, drawn[::2], coloured), tell_by_colour)
    assert (leak.before.balanced_accuracy, leak.after.balanced_accuracy) == (1.0, 0.5)


def tell_all_first(pixels, source, is_test, seed, progress):
    return np.zeros(int(is_test.sum()), int)


@pytest.fixture
def seen():
    """What `look` was shown."""
    return []


@pytest.fixture
def look(seen):
    def keep(pixels, source, is_test, seed, progress):
        seen.append(pixels)
        return tell_all_first(pixels, source, is_test, seed, progress)

    return keep


def test_the_classifier_sees_the_pictures_of_the_very_faces_whatever_their_source(tmp_path, look, seen):
    for i in range(84):
        write_image(tmp_path / "images" / EXPRESSIONS[i % 4] / f"{i:02d}.png", 1000 + i)
    sources = (("fer2013", str(write_fer2013(tmp_path, 12))), ("folder", str(tmp_path / "images")))
    leak = measure_leak(assemble(DatasetRecipe("two", sources=sources)), look)
    before, after = seen
    assert np.array_equal(before, np.repeat(after, 3, 3))
    assert leak.n_missing == 0


@pytest.fixture
def two(tmp_path, drawn):
    return join(tmp_path, drawn[::2], drawn[1::2])


def test_pictures_that_are_gone_are_left_out_on_both_sides_and_counted(tmp_path, two, look, seen):
    (tmp_path / "one" / "happy" / "0101.png").unlink()
    leak = measure_leak(two, look)
    assert leak.n_missing == 1
    assert leak.n_train + leak.n_test == len(two.table) - 1
    assert np.sum(leak.before.confusion) == np.sum(leak.after.confusion) == leak.n_test
    before, after = seen
    assert np.array_equal(before, np.repeat(after, 3, 3))


def test_without_the_pictures_of_a_source_only_the_data_set_is_measured(tmp_path, two):
    (tmp_path / "one").rename(tmp_path / "elsewhere")
    leak = measure_leak(two, tell_all_first)
    assert leak.before is None
    assert leak.n_missing == (two.table["source"] == "folder").sum()
    assert leak.n_train + leak.n_test == len(two.table)


def test_the_result_is_read_back_until_the_data_set_is_another(two):
    assert read_leak(two) is None
    leak = measure_leak(two, tell_all_first)
    assert read_leak(two) == leak
    write_json(two.path / LEAK, read_json(two.path / LEAK) | {"fingerprint": "of before"})
    assert read_leak(two) is None


def test_the_same_seed_tells_the_same(two):
    args = (np.asarray(two.faces)[..., None], np.arange(len(two.faces)) % 2, np.arange(len(two.faces)) % 3 == 0)
    first, same, other = (tell_source(*args, seed, n_steps=3) for seed in (0, 0, 1))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_the_command_prints_the_leak_before_and_after(two, monkeypatch):
    monkeypatch.setattr(net, "tell_source", tell_all_first)
    result = CliRunner().invoke(app, ["data", "source-leak", "two", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["after"]["balanced_accuracy"] == 0.5
    words = CliRunner().invoke(app, ["data", "source-leak", "two"]).stdout
    assert "before: balanced accuracy 50.0 %" in words
    assert "chance 50.0 %" in words


def test_a_job_ends_with_the_result_and_one_source_is_a_sentence(tmp_path, two, workspace, monkeypatch):
    monkeypatch.setattr(folder, "leave_detached", lambda command, log: None)
    monkeypatch.setattr(net, "tell_source", tell_all_first)
    job.start_leak("two")
    assert job.read_leak_job("two").state == "running"
    with pytest.raises(InputError, match="already being measured"):
        job.start_leak("two")
    job.main(workspace / "datasets" / "two" / ".leak")
    assert job.read_leak_job("two").state == "finished"
    assert read_leak(two) is not None
    assert job.read_leak_job("one") is None
    make_dataset(tmp_path, "one")
    job.start_leak("one")
    job.main(workspace / "datasets" / "one" / ".leak")
    state = job.read_leak_job("one")
    assert state.state == "failed"
    assert "one source" in state.message


def test_a_job_goes_with_its_data_set(two, workspace, monkeypatch):
    monkeypatch.setattr(folder, "leave_detached", lambda command, log: None)
    job.start_leak("two")
    delete_dataset("two")
    assert job.read_leak_job("two") is None
    assert [path.name for path in (workspace / "datasets").iterdir() if not path.name.endswith(".lock")] == []
    with pytest.raises(InputError, match="There is no data set 'two'"):
        job.start_leak("two")


def test_a_job_goes_when_its_data_set_is_assembled_anew(two, monkeypatch):
    monkeypatch.setattr(folder, "leave_detached", lambda command, log: None)
    job.start_leak("two")
    assemble_again("two")
    assert job.read_leak_job("two") is None
