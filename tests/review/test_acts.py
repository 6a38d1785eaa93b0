"""Acts that a browser sends until they are answered: each is written exactly once, whatever was lost or repeated."""

import pytest

from fer_core.datasets.corrections.log import DROP, open_log
from fer_core.review.acts import name_correction, take_acts
from tests.helpers.samples import make_dataset


@pytest.fixture
def dataset(tmp_path):
    return make_dataset(tmp_path, n_per_class=3)


def decide(dataset, row, expression, act_id, **values):
    face_id, sha256 = dataset.table[["face_id", "sha256"]].iloc[row]
    return {
        "id": act_id, "face_id": face_id, "sha256": sha256, "expression": expression, "who": "ann", "why": "by hand",
        **values,
    }  # fmt: skip


def undo(act_id, of):
    return {"id": act_id, "undo": name_correction(of), "who": "ann"}


def written(dataset):
    """What the file says stands, read anew."""
    return [(c.face_id, c.expression) for c in open_log(dataset.name).standing.values()]


def test_an_act_that_is_sent_again_is_written_once_and_answered_each_time(dataset):
    log, acts = open_log("tiny"), [decide(dataset, 0, "sad", "act-0001"), decide(dataset, 1, DROP, "act-0002")]
    for sent in (acts[:1], acts, acts, [*acts, *acts]):
        answer = take_acts(dataset, log, sent)
        assert set(answer.taken) == {act["id"] for act in sent}
    assert open_log("tiny").n_lines == 2
    assert written(dataset) == [(acts[0]["face_id"], "sad"), (acts[1]["face_id"], DROP)]


def test_another_process_that_has_taken_the_act_already_is_seen(dataset):
    kept, other, act = open_log("tiny"), open_log("tiny"), decide(dataset, 0, "sad", "act-0001")
    take_acts(dataset, other, [act])
    assert take_acts(dataset, kept, [act]).taken == ["act-0001"]
    assert open_log("tiny").n_lines == 1


def test_an_undone_act_that_is_sent_again_does_not_come_back(dataset):
    log, act = open_log("tiny"), decide(dataset, 0, "sad", "act-0001")
    take_acts(dataset, log, [act, undo("act-0002", "act-0001")])
    take_acts(dataset, log, [act])
    assert written(dataset) == []
    assert open_log("tiny").n_lines == 2


def test_an_undoing_that_comes_before_its_decision_takes_it_back_all_the_same(dataset):
    log = open_log("tiny")
    assert take_acts(dataset, log, [undo("act-0002", "act-0001")]).taken == ["act-0002"]
    take_acts(dataset, log, [decide(dataset, 0, "sad", "act-0001"), decide(dataset, 1, "fear", "act-0003")])
    assert written(dataset) == [(dataset.table["face_id"].iloc[1], "fear")]
    assert list(log.standing) == list(open_log("tiny").standing)


def test_a_second_undoing_of_the_same_decision_writes_nothing(dataset):
    log = open_log("tiny")
    take_acts(dataset, log, [decide(dataset, 0, "sad", "act-0001"), undo("act-0002", "act-0001")])
    assert take_acts(dataset, log, [undo("act-0003", "act-0001")]).taken == ["act-0003"]
    assert open_log("tiny").n_lines == 2


def test_a_face_decided_on_twice_is_what_was_said_last_and_its_undoing_gives_the_first_back(dataset):
    log, first, second = open_log("tiny"), *(
        decide(dataset, 0, name, act_id) for name, act_id in (("sad", "act-0001"), ("fear", "act-0002"))
    )  # fmt: skip
    take_acts(dataset, log, [first])
    take_acts(dataset, log, [second, undo("act-0003", "act-0002"), decide(dataset, 0, "happy", "act-0004")])
    assert [(c.before, c.expression) for c in log.standing.values()] == [
        (dataset.table["expression"].iloc[0], "sad"),
        ("sad", "happy"),
    ]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"face_id": "gone:row 9"}, "no longer has that face"),
        ({"sha256": "other pixels"}, "no longer has that face"),
        ({"expression": "contempt"}, "choose one of"),
        ({"id": "a.b"}, "without a valid id"),
    ],
    ids=["an unknown face", "other pixels under the same name", "an unknown expression", "an id that is none"],
)
def test_what_cannot_be_written_is_refused_in_a_sentence_and_the_others_are_written(dataset, wrong, sentence):
    log, bad = open_log("tiny"), decide(dataset, 0, "sad", "act-0001") | wrong
    answer = take_acts(dataset, log, [bad, undo("act-0002", bad["id"]), decide(dataset, 1, "fear", "act-0003")])
    assert answer.taken == ["act-0002", "act-0003"]
    assert sentence in answer.refused[bad["id"]]
    assert written(dataset) == [(dataset.table["face_id"].iloc[1], "fear")]
    assert open_log("tiny").n_lines == 1
