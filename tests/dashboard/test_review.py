"""The Review page: one face at a time, a decision, its undo."""

from fer_core.corrections.log import DROP, open_log
from fer_core.corrections.queues import list_disagreements, list_mistakes, list_random
from fer_core.data.dataset import open_dataset
from fer_core.labels import EXPRESSIONS
from tests.dashboard.test_pages import open_page, run  # noqa: F401  (a fixture)
from tests.samples import make_dataset, make_voted_dataset


def press(app, label):
    """Clicks the button of that label."""
    next(button for button in app.button if button.label == label).click().run()


def shown_face(app):
    """The face_id under the picture."""
    return next(text.value for text in app.caption if "`fer2013:row" in text.value).split("`")[1]


def test_a_decision_is_written_at_once_and_the_next_face_is_shown(tmp_path):
    faces = list_random(make_dataset(tmp_path))["face_id"].tolist()
    app = open_page("review")
    assert shown_face(app) == faces[0]
    app.text_input(key="review.who").set_value("ann").run()
    press(app, "fear")
    assert not app.exception
    (made,) = open_log("tiny").standing.values()
    assert (made.face_id, made.expression, made.kind, made.who) == (faces[0], "fear", "person", "ann")
    assert shown_face(app) == faces[1]
    press(app, "Leave it out")
    assert [c.expression for c in open_log("tiny").standing.values()] == ["fear", DROP]
    assert any("2 decisions" in text.value for text in app.markdown)


def test_an_undone_decision_brings_its_face_back(tmp_path):
    faces = list_random(make_dataset(tmp_path))["face_id"].tolist()
    app = open_page("review")
    press(app, "fear")
    press(app, "sad")
    first, _ = open_log("tiny").standing
    app.button(key=f"review.undo.{first}").click().run()
    assert not app.exception
    assert shown_face(app) == faces[0]
    app.button(key="review.undo").click().run()
    assert not open_log("tiny").standing


def test_a_skipped_face_comes_back_when_asked_for(tmp_path):
    faces = list_random(make_dataset(tmp_path))["face_id"].tolist()
    app = open_page("review")
    app.button(key="review.skip").click().run()
    assert shown_face(app) == faces[1]
    app.button(key="review.unskip").click().run()
    assert shown_face(app) == faces[0]
    assert not open_log("tiny").standing


def test_every_face_has_buttons_of_its_own_so_that_a_key_pressed_twice_decides_on_one_face(tmp_path):
    faces = list_random(make_dataset(tmp_path))["face_id"].tolist()
    app = open_page("review")
    pressed = app.button(key=f"review.as.fear.{faces[0]}")
    pressed.click().run()
    assert f"review.as.fear.{faces[0]}" not in {button.key for button in app.button}
    assert f"review.as.fear.{faces[1]}" in {button.key for button in app.button}


def test_a_key_that_the_browser_takes_for_a_face_gone_by_decides_nothing(tmp_path):
    faces = list_random(make_dataset(tmp_path))["face_id"].tolist()
    app = open_page("review")
    app.session_state["review.drawn"] = faces[1]
    app.button(key=f"review.as.fear.{faces[0]}").click().run()
    assert not open_log("tiny").standing


def test_a_decision_that_will_be_held_back_is_said_to_be(tmp_path):
    make_dataset(tmp_path)
    for split, is_told in (("train", False), ("test", True)):
        app = open_page("review", **{"review.split": split})
        assert any("held back" in caption.value for caption in app.caption) == is_told


def test_every_class_has_its_key(tmp_path):
    make_dataset(tmp_path)
    keys = [button.proto.shortcut for button in open_page("review").button if button.proto.shortcut]
    assert [key.lower() for key in keys] == [*"12345670", "s"]


def test_faces_that_votes_call_otherwise_come_with_the_votes(tmp_path):
    faces = list_disagreements(make_voted_dataset(tmp_path))["face_id"].tolist()
    app = open_page("review")
    assert app.selectbox(key="review.list.voted").value == "votes"
    assert shown_face(app) == faces[0]
    assert any("suggested **happy**" in text.value for text in app.markdown)
    assert any("own labels are what most votes say for **14.3 %** of 42 faces" in text.value for text in app.markdown)


def test_the_mistakes_of_a_run_begin_with_the_surest(run, tmp_path):  # noqa: F811
    mistakes = list_mistakes(make_dataset(tmp_path), run)
    app = open_page("review")
    assert app.selectbox(key="review.list.tiny").value == "mistakes"
    assert shown_face(app) == mistakes["face_id"].iloc[0]


def test_a_decision_waits_to_be_assembled_and_the_button_starts_that(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr("dashboard.widgets.labels.start_again", started.append)
    make_dataset(tmp_path)
    app = open_page("review")
    press(app, "fear")
    app = open_page("data", **{"data.section": "Labels"})
    assert any("Not in it yet: 1 correction made or undone since" in text.value for text in app.markdown)
    app.button(key="labels.again").click().run()
    assert started == ["tiny"]


def test_the_button_of_the_present_label_is_the_filled_one_and_keys_follow_the_order_of_the_expressions(tmp_path):
    labels = list_random(make_dataset(tmp_path)).iloc[0]
    buttons = [button.proto for button in open_page("review").button if ".as." in button.key]
    assert [button.label for button in buttons if button.type == "primary"] == [labels["expression"]]
    assert [(button.shortcut, button.label) for button in buttons] == [
        (str(key), expression) for key, expression in enumerate(EXPRESSIONS, start=1)
    ]


def test_a_decision_keeps_what_the_face_was_and_what_led_to_it(tmp_path):
    face = list_random(make_dataset(tmp_path)).iloc[0]
    app = open_page("review")
    app.text_input(key="review.who").set_value("ann").run()
    press(app, "fear")
    (made,) = open_log("tiny").standing.values()
    assert (made.before, made.who, made.why) == (face["expression"], "ann", "drawn at random")
    assert made.sha256 == open_dataset("tiny").table.set_index("face_id")["sha256"][face["face_id"]]
