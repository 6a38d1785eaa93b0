"""The Review page: what the labeller is given, and what becomes of what it sends."""

import pytest

from fer_core.datasets.corrections.log import DROP, CorrectionLog, open_log
from fer_core.datasets.dataset import open_dataset
from fer_core.labels import EXPRESSIONS
from fer_core.review.queues import list_disagreements, list_mistakes, list_random
from tests.helpers.pages import decide, open_page, read_labeller
from tests.helpers.samples import make_dataset, make_voted_dataset


def send(app, *acts, revision=1, **sent):
    """Runs the page with what a browser would have sent."""
    app.session_state["review.labeller"] = {"sent": {"revision": revision, "acts": acts, **sent}}
    app.run()
    assert not app.exception
    return read_labeller(app)


def test_a_decision_is_written_and_answered_and_its_face_leaves_the_queue(tmp_path):
    faces = list_random(make_dataset(tmp_path))["face_id"].tolist()
    app = open_page("review")
    app.text_input(key="review.who").set_value("ann").run()
    data = read_labeller(app)
    assert [face["face_id"] for face in data["faces"]] == faces
    acts = [decide(data, "fear", "act-0001"), decide(data, DROP, "act-0002", at=1)]
    for _ in range(2):  # the answer was lost: the same again
        data = send(app, *acts)
        assert (data["revision"], data["taken"], data["refused"]) == (1, ["act-0001", "act-0002"], {})
        assert [face["face_id"] for face in data["faces"]] == faces[2:]
    made = list(open_log("tiny").standing.values())
    assert [(c.face_id, c.expression, c.kind, c.who) for c in made] == [
        (faces[0], "fear", "person", "ann"),
        (faces[1], DROP, "person", "ann"),
    ]
    assert [d["id"] for d in data["history"]] == ["act-0001.0", "act-0002.0"]
    assert data["counts"] == {"n": 42, "n_done": 2, "n_decisions": 2, "n_changed": 1, "n_dropped": 1}


def test_an_undone_decision_brings_its_face_back(tmp_path):
    faces = list_random(make_dataset(tmp_path))["face_id"].tolist()
    app = open_page("review")
    data = read_labeller(app)
    acts = [decide(data, "fear", "act-0001"), decide(data, "sad", "act-0002", at=1)]
    data = send(app, *acts)
    assert [face["face_id"] for face in data["past"]] == faces[:2]
    data = send(app, {"id": "act-0003", "undo": "act-0001.0", "who": "ann", "dataset": "tiny"}, revision=2)
    assert [face["face_id"] for face in data["faces"]] == [faces[0], *faces[2:]]
    assert [c.face_id for c in open_log("tiny").standing.values()] == [faces[1]]


def test_a_skipped_face_is_not_sent_again_and_nothing_is_written(tmp_path):
    faces = list_random(make_dataset(tmp_path))["face_id"].tolist()
    data = send(open_page("review"), skipped=faces[:1])
    assert [face["face_id"] for face in data["faces"]] == faces[1:]
    assert not open_log("tiny").standing


def test_a_picture_that_the_browser_holds_is_not_sent_again(tmp_path):
    make_dataset(tmp_path)
    app = open_page("review")
    data = read_labeller(app)
    names = [face["picture"] for face in data["faces"]]
    assert set(data["pictures"]) == set(names)
    assert all(url.startswith("data:image/png;base64,") for url in data["pictures"].values())
    assert set(send(app, held=names[:30])["pictures"]) == set(names[30:])


def refuse(log, lines):
    raise PermissionError(13, "Permission denied", str(log.path))


def test_what_cannot_be_written_now_has_to_wait_and_is_said(tmp_path):
    make_dataset(tmp_path)
    app = open_page("review")
    act = decide(read_labeller(app), "fear", "act-0001")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CorrectionLog, "write_once", refuse)
        data = send(app, act)
    assert data["taken"] == [] and data["refused"] == {} and "tiny.jsonl" in data["problem"]
    assert send(app, act)["taken"] == ["act-0001"]


def test_a_decision_on_a_data_set_that_is_gone_is_refused_in_a_sentence(tmp_path):
    make_dataset(tmp_path)
    app = open_page("review")
    act = decide(read_labeller(app), "fear", "act-0001") | {"dataset": "gone"}
    assert "gone" in send(app, act)["refused"]["act-0001"]


def test_a_decision_that_will_be_held_back_is_said_to_be(tmp_path):
    make_dataset(tmp_path)
    notes = read_labeller(open_page("review"))["notes"]
    assert set(notes) == {"val", "test"}
    assert "its correction is not applied" in notes["test"] and "Faces that may change" in notes["test"]


def test_faces_that_votes_call_otherwise_come_with_the_votes(tmp_path):
    faces = list_disagreements(make_voted_dataset(tmp_path))["face_id"].tolist()
    app = open_page("review")
    assert app.selectbox(key="review.list.voted").value == "votes"
    data = read_labeller(app)
    assert [face["face_id"] for face in data["faces"]] == faces
    assert data["faces"][0]["suggested"] == "happy"
    assert sum(data["faces"][0]["opinions"]) == pytest.approx(1, abs=1e-3)
    assert data["opinions_title"] == "share of votes"
    assert any("labels equal the majority of votes for **14.3 %** of 42 faces" in text.value for text in app.markdown)


def test_the_mistakes_of_a_run_begin_with_the_surest(run, tmp_path):
    mistakes = list_mistakes(make_dataset(tmp_path), run)
    app = open_page("review")
    assert app.selectbox(key="review.list.tiny").value == "mistakes"
    assert read_labeller(app)["faces"][0]["face_id"] == mistakes["face_id"].iloc[0]


def test_a_decision_waits_to_be_assembled_and_the_button_starts_that(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr("dashboard.shared.pending.start_again", started.append)
    make_dataset(tmp_path)
    app = open_page("review")
    send(app, decide(read_labeller(app), "fear", "act-0001"))
    app = open_page("data", **{"data.section": "Labels"})
    assert any("Not applied yet: 1 correction made or undone since" in text.value for text in app.markdown)
    app.button(key="labels.again").click().run()
    assert started == ["tiny"]


def test_keys_follow_the_order_of_the_expressions(tmp_path):
    make_dataset(tmp_path)
    assert [entry["name"] for entry in read_labeller(open_page("review"))["expressions"]] == list(EXPRESSIONS)


def test_a_decision_keeps_what_the_face_was_and_what_led_to_it(tmp_path):
    face = list_random(make_dataset(tmp_path)).iloc[0]
    app = open_page("review")
    app.text_input(key="review.who").set_value("ann").run()
    send(app, decide(read_labeller(app), "fear", "act-0001"))
    (made,) = open_log("tiny").standing.values()
    assert (made.before, made.who, made.why) == (face["expression"], "ann", "drawn at random")
    assert made.sha256 == open_dataset("tiny").table.set_index("face_id")["sha256"][face["face_id"]]
