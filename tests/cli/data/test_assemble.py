import json

from fer_core.datasets.checks.turned import search
from tests.helpers.command import call
from tests.helpers.samples import make_dataset, write_all_reasons, write_ckplus, write_fer2013, write_flagged


def test_assemble_says_what_it_found_and_skips_bad_rows_where_asked(capsys, tmp_path):
    path = write_fer2013(tmp_path, bad=["3,1 2 3,Training"])
    code, _, err = call(capsys, "data", "assemble", "x", "--source", f"fer2013={path}")
    assert code == 2
    assert "row 43: expected 2304 pixels" in err
    code, out, _ = call(capsys, "data", "assemble", "x", "--source", f"fer2013={path}", "--skip-bad")
    assert code == 0
    assert "fer2013: 42 faces (train 14, val 14, test 14); excluded: none; skipped: 1" in out
    assert "with near copies: 0 groups of 0 faces" in out


def test_what_the_rules_for_copies_would_take_is_counted_without_making_a_data_set(capsys, tmp_path, workspace):
    path = write_fer2013(tmp_path)
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    code, out, _ = call(capsys, "data", "copies", "--source", path)
    assert code == 0
    assert "drop_surplus        1 " in out
    counts = json.loads(call(capsys, "data", "copies", "--source", path, "--json")[1])
    assert counts[1] == {"rule": "drop_surplus", "source": "pixelcsv", "n": 1, "n_faces": 43}
    assert list((workspace / "copy-counts").iterdir()) == []
    assert not (workspace / "datasets").exists()


def test_assemble_drops_copies_where_asked_and_looks_for_near_ones_unless_told_not_to(capsys, tmp_path):
    path = write_fer2013(tmp_path)
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    arguments = ("data", "assemble", "x", "--source", path, "--copies", "drop_surplus", "--no-near")
    code, out, _ = call(capsys, *arguments)
    assert code == 0
    assert "; excluded: 1 copy; skipped: 0\n" in out
    assert "reason  source    before the split  train  val  test\ncopy    pixelcsv  1 " in out
    assert "with near copies" not in out
    assert json.loads(call(capsys, *arguments, "--json")[1])["recipe"]["near"] is False


def test_assemble_and_inspect_say_where_turned_copies_are_not_looked_for(capsys, tmp_path, monkeypatch):
    path = write_fer2013(tmp_path)
    assert "turned" not in call(capsys, "data", "inspect", path)[1].lower()
    monkeypatch.setattr(search, "MAX_FACES", 20)
    assert "turned copies: not searched for among more than 20 different" in call(capsys, "data", "inspect", path)[1]
    arguments = ("data", "assemble", "x", "--source", path)
    told = "Turned, shifted and cropped copies were not searched for, because there are more than 20 different faces. "
    assert told + "Assemble with --turned to search for them." in call(capsys, *arguments)[1]
    assert "Turned" not in call(capsys, *arguments, "--turned")[1]


def test_one_source_is_left_out_for_the_test_and_an_unknown_one_names_those_there_are(capsys, tmp_path):
    sources = ["--source", f"fer2013={write_fer2013(tmp_path)}", "--source", write_ckplus(tmp_path)]
    code, out, _ = call(capsys, "data", "assemble", "x", *sources, "--split", "leave-out:ckplus")
    assert code == 0
    assert "test 9\n" in out
    code, _, err = call(capsys, "data", "assemble", "y", *sources, "--split", "leave-out:jaffe")
    assert code == 2
    assert "There is no source 'jaffe' to test on. Choose one of fer2013, ckplus." in err


def test_faces_that_were_left_out_are_counted_and_listed_with_their_reason(capsys, tmp_path):
    path = write_all_reasons(tmp_path)
    source = f"fer2013={path}"
    call(capsys, "data", "assemble", "x", "--source", source, "--skip-bad", "--labels", "votes", "--leave-out", "dark")
    code, out, _ = call(capsys, "data", "left-out", "x", "--n", 1)
    assert code == 0
    assert "flag dark       fer2013  0                 1      0    0\n" in out
    assert "votes contempt: most votes call it contempt, which is not one of the seven expressions\n" in out
    assert out.endswith("fer2013:row 1  train  angry       votes contempt\n... and 1 more (--n)\n")
    document = json.loads(call(capsys, "data", "left-out", "x", "--reason", "flag dark", "--json")[1])
    assert (document["n_left_out"], [face["face_id"] for face in document["faces"]]) == (1, ["fer2013:row 22"])
    code, _, err = call(capsys, "data", "left-out", "x", "--source", "ckplus")
    assert code == 2
    assert "with the source 'ckplus' (available: fer2013)" in err


def test_a_data_set_that_nothing_was_left_out_of_says_so(capsys, tmp_path):
    make_dataset(tmp_path)
    assert "No face was excluded" in call(capsys, "data", "left-out", "tiny")[1]


def test_flagged_faces_are_counted_listed_and_left_out(capsys, tmp_path):
    path = write_flagged(tmp_path)
    code, out, _ = call(capsys, "data", "assemble", "x", "--source", f"fer2013={path}", "--leave-out", "constant,dark")
    assert code == 0
    assert "flagged: 3 faces (2 dark, 1 not-a-face)\n" in out
    assert "excluded: 3 flagged faces (1 constant, 2 dark)\n  kept in validation and test: 2 (--relabel all" in out
    assert "dark        fer2013  test   1\n" in call(capsys, "data", "quality", "x")[1]
    code, out, _ = call(capsys, "data", "quality", "x", "--flag", "dark", "--n", 1, "--json")
    document = json.loads(out)
    assert (code, document["n"], document["n_flagged"], len(document["faces"])) == (0, 39, 2, 1)
    assert document["left_out"] == {"n": 3, "n_held_back": 2, "by_flag": {"constant": 1, "dark": 2}}
    out = call(capsys, "data", "quality", "x", "--flag", "not-a-face")[1]
    assert "not-a-face (most votes say that it is not a face): 1 of 39 faces\n" in out
    assert "fer2013:row 4 " in out
    code, _, err = call(capsys, "data", "assemble", "y", "--source", path, "--leave-out", "gloomy")
    assert code == 2
    assert "Unknown flag gloomy: choose from constant, dark, blurred, tiny, not-a-face." in err


def test_a_source_is_capped_or_balanced_and_what_that_changes_is_printed(capsys, tmp_path):
    sources = ["--source", f"fer2013={write_fer2013(tmp_path)}", "--source", write_ckplus(tmp_path)]
    code, out, _ = call(capsys, "data", "assemble", "x", *sources, "--cap", "ckplus=1", "--balance", "fer2013")
    assert code == 0
    assert "ckplus: 3 of 9 training faces within its limit" in out
    code, out, _ = call(capsys, "data", "balance", "x")
    assert code == 0
    assert "ckplus   9         9              3" in out
    found = json.loads(call(capsys, "data", "balance", "x", "--json")[1])
    assert (found["n"], found["n_left_out"], found["sources"][1]["n_after"]) == (17, 6, 3)
    code, _, err = call(capsys, "data", "assemble", "x", *sources, "--cap", "ckplus=1", "--balance", "ckplus")
    assert (code, "ckplus has two limits" in err) == (2, True)


def test_a_data_set_of_before_there_were_limits_says_to_assemble_it_again(capsys, tmp_path):
    path = make_dataset(tmp_path).path / "dataset.json"
    info = json.loads(path.read_text())
    del info["balance"]
    path.write_text(json.dumps(info))
    code, out, _ = call(capsys, "data", "balance", "tiny")
    assert code == 0
    assert "fer data again tiny" in out


def test_the_card_of_a_data_set_is_printed(capsys, tmp_path):
    card = make_dataset(tmp_path).path / "CARD.md"
    assert call(capsys, "data", "card", "tiny")[:2] == (0, card.read_text(encoding="utf-8"))
