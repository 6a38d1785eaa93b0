from threading import Thread

import pytest

from fer_core.datasets.corrections.log import DROP, Correction, CorrectionLog, open_log, to_table
from fer_core.errors import InputError


def correction(face_id="a:row 1", expression="happy", before="sad", kind="person", who="ann", **values):
    return Correction(
        face_id=face_id,
        sha256=f"pixels of {face_id}",
        expression=expression,
        before=before,
        kind=kind,
        who=who,
        **values,
    )


def test_what_is_added_is_read_back_with_who_when_and_what_before():
    made = open_log("x").add([correction(why="by hand"), correction("a:row 2", DROP)])
    assert list(open_log("x").standing.values()) == made
    assert [(c.who, c.before, c.expression) for c in made] == [("ann", "sad", "happy"), ("ann", "sad", "drop")]
    assert all(c.when[:2] == "20" for c in made)
    assert made[0].act == made[1].act
    assert made[0].correction_id != made[1].correction_id


def test_one_correction_can_be_undone_and_so_can_all_that_were_made_together():
    log = open_log("x")
    first, second = log.add([correction(), correction("a:row 2")])
    (third,) = log.add([correction("a:row 3")])
    assert log.undo(first.correction_id, "bob") == 1
    assert list(log.standing.values()) == [second, third]
    assert log.undo(second.act, "bob") == 1
    assert list(open_log("x").standing.values()) == [third]
    assert open_log("x").n_lines == 5  # an undoing is a line too: nothing is taken from the file


def test_what_does_not_stand_cannot_be_undone():
    log = open_log("x")
    (made,) = log.add([correction()])
    log.undo(made.act, "ann")
    for what in (made.correction_id, made.act, "none"):
        with pytest.raises(InputError, match=f"no correction '{what}' in effect"):
            log.undo(what, "ann")


def test_a_line_that_was_cut_off_counts_as_never_written_and_the_next_one_takes_its_place():
    log = open_log("x")
    (first,) = log.add([correction()])
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + whole[: len(whole) // 2])
    assert list(open_log("x").standing.values()) == [first]
    (second,) = log.add([correction("a:row 2")])
    assert list(open_log("x").standing.values()) == [first, second]
    assert log.path.read_bytes().startswith(whole + b'{"face_id": "a:row 2"')


def test_a_file_whose_only_line_was_cut_off_is_begun_anew():
    log = open_log("x")
    log.add([correction()])
    log.path.write_bytes(log.path.read_bytes()[:20])
    (made,) = open_log("x").add([correction("a:row 2")])
    assert list(open_log("x").standing.values()) == [made]


def test_a_damaged_line_among_others_is_named_by_its_number():
    log = open_log("x")
    log.add([correction()])
    log.path.write_bytes(log.path.read_bytes() + b"{}\n")
    with pytest.raises(InputError, match=r"x\.jsonl line 2 is not a valid correction"):
        open_log("x")


def test_a_list_that_is_kept_reads_on_what_another_has_added():
    kept, other = open_log("x"), open_log("x")
    first, second = other.add([correction(), correction("a:row 2")])
    assert list(kept.refresh().standing.values()) == [first, second]
    other.undo(first.correction_id, "bob")
    assert list(kept.refresh().standing.values()) == [second]


@pytest.mark.parametrize(
    "wrong", [{"expression": "contempt"}, {"kind": "guess"}], ids=["an unknown expression", "an unknown kind"]
)
def test_a_wrong_correction_is_refused(wrong):
    with pytest.raises(InputError, match="choose one of"):
        correction(**wrong)


def test_the_table_has_a_row_a_correction():
    made = open_log("x").add([correction(), correction("a:row 2", confidence=0.5)])
    table = to_table(made)
    assert table["face_id"].tolist() == ["a:row 1", "a:row 2"]
    assert table["confidence"].isna().tolist() == [True, False]
    assert list(to_table([])) == list(table)


def test_a_torn_line_longer_than_a_block_is_cut_off_and_what_stood_before_stays():
    log = open_log("tiny")
    (first,) = log.add(
        [Correction(face_id="a", sha256="1", expression="sad", before="happy", kind="person", who="ann")]
    )
    with log.path.open("ab") as file:
        file.write(b"x" * 9000)
    (second,) = open_log("tiny").add(
        [Correction(face_id="b", sha256="2", expression="sad", before="happy", kind="person", who="ann")]
    )
    assert list(open_log("tiny").standing) == [first.correction_id, second.correction_id]


def test_a_shorter_file_in_its_place_is_read_from_its_beginning():
    log = open_log("tiny")
    (first, _) = log.add(
        [
            Correction(face_id=face, sha256="1", expression="sad", before="happy", kind="person", who="ann")
            for face in "ab"
        ]
    )
    log.path.write_bytes(log.path.read_bytes().partition(b"\n")[0] + b"\n")
    assert (list(log.refresh().standing), log.n_lines) == ([first.correction_id], 1)


def test_two_sessions_that_read_on_at_once_count_a_line_once(monkeypatch):
    shared = open_log("tiny")
    open_log("tiny").add([correction()])
    other = Thread(target=shared.refresh)
    take = CorrectionLog._take

    def take_while_the_other_reads(log, line):
        if other.ident is None:
            other.start()
            other.join(timeout=0.5)
        take(log, line)

    monkeypatch.setattr(CorrectionLog, "_take", take_while_the_other_reads)
    shared.refresh()
    other.join()
    assert shared.n_lines == 1


def test_a_line_that_is_in_the_file_twice_counts_once_and_does_not_come_back_when_it_was_undone():
    log = open_log("tiny")
    (made,) = log.add([correction()])
    line = log.path.read_bytes()
    log.path.write_bytes(line + line)
    assert list(open_log("tiny").standing) == [made.correction_id]
    log.undo(made.correction_id, "ann")
    log.path.write_bytes(log.path.read_bytes() + line)
    assert not open_log("tiny").standing


def test_a_list_of_before_with_short_ids_and_undoings_without_one_opens():
    log = open_log("tiny")
    (made,) = log.add([correction()])
    old = made.correction_id.replace(made.act, "0a1b2c3d")
    text = log.path.read_text().replace(made.correction_id, old)
    log.path.write_text(
        text + text.replace(f"{old}", "0a1b2c3d.1") + '{"undo": "0a1b2c3d.0", "who": "a", "when": ""}\n'
    )
    assert list(open_log("tiny").standing) == ["0a1b2c3d.1"]
    assert open_log("tiny").undo("0a1b2c3d", "ann") == 1
