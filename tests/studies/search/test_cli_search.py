import json

import pytest

from fer_core.base.files import write_json
from fer_core.runners import local
from fer_core.studies.search.coordinator import Coordinator
from fer_core.studies.search.searches import get_search, list_searches
from tests.helpers.command import call
from tests.helpers.searches import new_search, train_all

pytestmark = pytest.mark.usefixtures("no_coordinator")


def test_start_reads_preset_settings_and_ranges(capsys):
    command = "search start first --dataset tiny --preset quick --set epochs=2 --trials 4 --seed 7"
    code, out, _ = call(
        capsys, *command.split(), "--range", "learning_rate=0.01..0.1:log", "--range", "flip=true|false"
    )
    assert (code, "has started" in out) == (0, True)
    info = get_search("first").info
    assert (info["n_trials"], info["seed"], info["base"]["epochs"]) == (4, 7, 2)
    assert info["base"]["model"] == "compact_small"
    assert info["ranges"] == ["learning_rate=0.01..0.1:log", "flip=true|false"]


def test_reading_commands_print_one_json_document_or_a_table(capsys, monkeypatch):
    assert "No searches yet" in call(capsys, "search", "list")[1]
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    search = new_search(n_trials=3)
    coordinator = Coordinator(search)
    train_all(search, 2, lambda: coordinator)
    (listed,) = json.loads(call(capsys, "search", "list", "--json")[1])
    shown = json.loads(call(capsys, "search", "show", "lr", "--json")[1])
    assert listed == {key: value for key, value in shown.items() if key != "trials"}
    assert (shown["n_done"], len(shown["trials"])) == (2, 3)
    assert "2/3" in call(capsys, "search", "list")[1]
    assert shown["best"]["run_id"] in call(capsys, "search", "show", "lr")[1]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("start lr --dataset tiny --range learning_rate=0..1", "learning_rate: should be greater than 0, got 0"),
        ("start lr --dataset none --range dropout=0..0.5", "There is no data set 'none'"),
        ("start lr --dataset tiny --range crop_px=60..70", "crop_px: 60 exceeds the 48 px"),
        ("start lr --dataset tiny --range dropout=0..0.5 --set labels_from=x", "labels_from: tiny has no source 'x'"),
        ("show none", "There is no search 'none'"),
        ("resume first", "cannot be resumed"),
        ("delete first --yes", "Stop it first"),
    ],
)
def test_wrong_input_is_one_sentence_on_stderr_and_exit_code_2(capsys, command, message):
    new_search("first")
    code, out, err = call(capsys, "search", *command.split())
    assert (code, out) == (2, "")
    assert message in err


def test_delete_removes_a_search_that_has_ended(capsys):
    search = new_search()
    write_json(search.path / "exit.json", {"state": "stopped", "message": ""})
    assert call(capsys, "search", "delete", "lr", "--yes")[0] == 0
    assert list_searches() == []
