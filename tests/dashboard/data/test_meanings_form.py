"""The form asks what class names and numbers mean where that is not known, and the recipe keeps the answers."""

import pytest

from tests.helpers.pages import add_source, open_page
from tests.helpers.samples import write_image


@pytest.fixture
def started(monkeypatch):
    recipes = []
    monkeypatch.setattr("dashboard.data.assembly.start_assembly", recipes.append)
    return recipes


@pytest.fixture
def folders(tmp_path):
    root = tmp_path / "own"
    for seed, name in enumerate(("happy", "sad", "furious", "bored")):
        write_image(root / name / "a.png", seed)
    return root


@pytest.fixture
def numbers(tmp_path):
    for seed in range(3):
        write_image(tmp_path / f"{seed}.png", seed)
    path = tmp_path / "list.csv"
    path.write_text("path,label\n0.png,1\n1.png,2\n2.png,3\n")
    return path


def find_boxes(app, part):
    return [box for box in app.selectbox if part in box.key]


def test_a_box_stands_for_each_class_name_without_a_meaning(folders, started):
    app = open_page("data")
    add_source(app, folders)
    assert sorted(box.label for box in find_boxes(app, ".means.")) == [
        "'bored' (1 row) means",
        "'furious' (1 row) means",
    ]
    for name, meaning in (("furious", "angry"), ("bored", "leave-out")):
        app.selectbox(key=f"data.source.{folders}.means.{name}").set_value(meaning).run()
    assert not app.warning
    app.button(key="data.assemble").click().run()
    assert started[0].meanings == (("folder:furious", "angry"), ("folder:bored", "leave-out"))


def test_a_meaning_can_be_taken_back(folders, started):
    app = open_page("data")
    add_source(app, folders)
    box = f"data.source.{folders}.means.furious"
    app.selectbox(key=box).set_value("angry").run()
    app.selectbox(key=box).set_value("not known").run()
    assert len(find_boxes(app, ".means.")) == 2
    assert app.warning


def test_numbers_that_nothing_explains_are_asked_for_before_the_source_is_added(numbers, started):
    app = open_page("data")
    add_source(app, numbers)
    assert "data.assemble" not in {button.key for button in app.button}
    app.selectbox(key=f"data.unclear.{numbers}.order").set_value("rafdb").run()
    app.button(key="data.assemble").click().run()
    assert started[0].meanings == (("csv:numbers", "rafdb"),)


def test_a_source_whose_classes_are_all_known_asks_nothing(tmp_path, started):
    write_image(tmp_path / "own" / "happy" / "a.png")
    app = open_page("data")
    add_source(app, tmp_path / "own")
    assert not find_boxes(app, ".means.")


def test_boxes_that_may_be_two_things_are_asked_for_beside_numbers(numbers, started):
    numbers.write_text('path,label,bbox\n0.png,1,"1,2,10,20"\n1.png,2,"1,2,10,20"\n2.png,3,"1,2,10,20"\n')
    app = open_page("data")
    add_source(app, numbers)
    assert "which may be left, top, width, height or left, top, right, bottom" in app.warning[0].value
    app.selectbox(key=f"data.unclear.{numbers}.boxes").set_value("xyxy").run()
    app.selectbox(key=f"data.unclear.{numbers}.order").set_value("rafdb").run()
    app.button(key="data.assemble").click().run()
    assert started[0].meanings == (("csv:numbers", "rafdb"), ("csv:boxes", "xyxy"))


def test_a_reader_may_be_named_before_the_path(tmp_path, started):
    write_image(tmp_path / "own" / "happy" / "a.png")
    (tmp_path / "own" / "labels.csv").write_text("path,label\nhappy/a.png,sad\n")
    app = open_page("data")
    add_source(app, tmp_path / "own")
    assert "give the list as csv=PATH, or the folder as folder=PATH" in app.error[0].value
    add_source(app, f"csv={tmp_path / 'own' / 'labels.csv'}")
    app.button(key="data.assemble").click().run()
    assert started[0].sources == (("csv", str(tmp_path / "own" / "labels.csv")),)
