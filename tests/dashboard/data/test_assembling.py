"""Assembling on the Data page: the list of sources, the jobs at work, and the line about what was made."""

import shutil
from pathlib import Path

import pytest
import streamlit as st

from dashboard.data import assembly_jobs
from dashboard.data.assembly_jobs import describe_made
from fer_core.datasets.assembling.demo import demo_recipe
from fer_core.datasets.assembling.job import Assembly
from fer_core.jobs.state import State
from tests.helpers.pages import add_source, open_page
from tests.helpers.samples import make_dataset, make_info, write_ckplus, write_fer2013


@pytest.fixture
def jobs(monkeypatch):
    """What the page takes for the jobs that there are, and after it, what it does with them."""
    there, done = [], []
    monkeypatch.setattr(assembly_jobs, "list_assemblies", lambda: list(there))
    monkeypatch.setattr(assembly_jobs, "stop_assembly", lambda name: done.append(("stop", name)))

    def forget(name):
        done.append(("forget", name))
        there[:] = [job for job in there if job.name != name]

    monkeypatch.setattr(assembly_jobs, "forget_assembly", forget)
    return there, done


def test_an_assembly_at_work_shows_how_far_it_is_and_can_be_stopped(jobs):
    there, done = jobs
    there.append(Assembly(state=State.RUNNING, step="reading", done=25, total=100, eta_s=90.0, message="", name="x"))
    app = open_page("data")
    (bar,) = app.get("progress")
    assert bar.proto.value == 25
    assert bar.proto.text.startswith("**x** · reading · ") and bar.proto.text.endswith(" left")
    app.button(key="data.stop.x").click().run()
    assert done == [("stop", "x")]


def test_an_assembly_that_failed_says_why_until_it_is_dismissed(jobs, monkeypatch):
    monkeypatch.setattr(st, "rerun", lambda scope: None)  # a test runs the whole page, where a browser runs a part
    there, done = jobs
    message = "row 43: expected 3 columns, got 1"
    there.append(Assembly(state=State.FAILED, step="reading", done=0, total=0, eta_s=None, message=message, name="x"))
    app = open_page("data")
    assert [error.value for error in app.error] == ["**x** failed: row 43: expected 3 columns, got 1"]
    app.button(key="data.forget.x").click().run()
    assert not app.run().error
    assert done == [("forget", "x")]


def test_an_assembly_that_is_done_is_forgotten_and_its_sources_leave_the_form(tmp_path, jobs):
    there, done = jobs
    make_dataset(tmp_path)
    app = open_page("data")
    add_source(app, write_ckplus(tmp_path))
    there.append(Assembly(state=State.FINISHED, step="done", done=0, total=0, eta_s=None, message="", name="tiny"))
    app.run()
    assert not app.exception
    assert done == [("forget", "tiny")]
    assert "data.assemble" not in {button.key for button in app.button}
    assert any("tiny is assembled" in text.value for text in app.markdown)


def test_what_was_made_is_said_of_the_data_set_that_was_made_alone(tmp_path, jobs):
    make_dataset(tmp_path, "another")
    make_dataset(tmp_path)
    jobs[0].append(Assembly(state=State.FINISHED, step="done", done=0, total=0, eta_s=None, message="", name="tiny"))
    app = open_page("data")
    assert not any("Compared with the previous version" in text.value for text in app.markdown)
    app.selectbox(key="data.name").set_value("another").run()
    assert not any("is assembled" in text.value for text in app.markdown)


def test_the_line_about_what_was_made_counts_all_that_was_left_out_each_for_its_reason():
    sources = [
        {"n": 1_200, "source": "a", "left_out": {"contempt": 3, "none": 4}},
        {"n": 34, "source": "b", "left_out": {"contempt": 5}},
    ]
    info = make_info(
        n=1_234, sources=sources, n_skipped=2, n_dropped_copies=3, labels={"n_changed": 4, "n_dropped": 5},
        quality={"left_out": {"n": 6}}, balance={"n_left_out": 7}, fingerprint="0123456789abcdef" * 4,
    )  # fmt: skip
    assert describe_made(info) == (
        "1,234 faces of 48 px (1,200 a + 34 b) · 12 excluded by class · 2 bad rows skipped · 3 copies removed · "
        "4 labels changed · 5 excluded by votes or corrections · 6 flagged faces excluded · "
        "7 excluded by caps and balance · fingerprint `0123456789abcdef`"
    )


def test_the_demo_faces_are_offered_until_they_are_there(tmp_path, started):
    app = open_page("data")
    app.button(key="data.demo").click().run()
    assert started == [demo_recipe()]
    make_dataset(tmp_path, "demo")
    st.cache_resource.clear()
    assert "data.demo" not in {button.key for button in open_page("data").button}


def test_a_path_of_the_home_folder_is_found_and_a_source_added_twice_stands_once(tmp_path, monkeypatch, started):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = write_fer2013(tmp_path)
    app = open_page("data")
    for words in ("  ", "~/fer2013.csv ", str(path)):
        add_source(app, words)
        assert not app.error
    app.button(key="data.assemble").click().run()
    assert [recipe.sources for recipe in started] == [(("pixelcsv", str(path)),)]


def test_two_sources_of_one_kind_give_their_name_once(tmp_path):
    app = open_page("data")
    add_source(app, write_fer2013(tmp_path / "a"))
    add_source(app, write_fer2013(tmp_path / "b"))
    assert app.text_input(key="data.new").value == "pixelcsv"


def test_what_is_wrong_with_a_source_and_what_it_leaves_out_is_said_beside_it(tmp_path):
    app = open_page("data")
    add_source(app, write_fer2013(tmp_path, bad=["3,1 2 3,Training", "9,1,Training"]))
    (warning,) = (text.value for text in app.warning)
    assert warning.startswith("2 rows or images cannot be used. The first, row 43: ")
    assert warning.endswith("Select *Skip bad rows* to assemble without them.")
    assert "42 faces in `" + str(tmp_path / "fer2013.csv") + "`" in app.markdown[-1].value
    add_source(app, write_ckplus(tmp_path))
    (told,) = (text.value for text in app.markdown if text.value.startswith("**CK+48"))
    assert r"S<subject>\_<session>\_<frame>" in told and told.endswith("; excluded: 3 contempt")


def test_the_source_whose_remove_is_pressed_goes_and_the_others_stay(tmp_path, started):
    app = open_page("data")
    ckplus = write_ckplus(tmp_path)
    add_source(app, write_fer2013(tmp_path))
    add_source(app, ckplus)
    app.button(key="data.remove.0").click().run()
    assert app.text_input(key="data.new").value == "ckplus"
    app.button(key="data.assemble").click().run()
    assert not app.exception
    assert [recipe.sources for recipe in started] == [(("ckplus", str(ckplus)),)]


def test_an_upload_is_unpacked_and_added(tmp_path):
    archive = Path(shutil.make_archive(str(tmp_path / "faces"), "zip", write_ckplus(tmp_path / "source").parent))
    app = open_page("data")
    app.file_uploader(key="data.upload").set_value(("faces.zip", archive.read_bytes(), "application/zip")).run()
    app.button(key="data.add_upload").click().run()
    assert not app.exception
    assert any("9 faces in" in text.value and "workspace/uploads/faces-" in text.value for text in app.markdown)


def test_a_path_given_again_with_another_reader_takes_the_place_of_the_first():
    from types import SimpleNamespace

    from dashboard.data.assembly import place_source

    one, again, other = (SimpleNamespace(path="a", source=source) for source in ("folder", "folder", "csv"))
    added = [one]
    place_source(added, again)
    assert added == [one] and added[0] is one
    place_source(added, other)
    assert added == [other]
