"""The table of results on the Runs page."""

from pathlib import Path

import pandas as pd
import pytest

from dashboard.services import results
from dashboard.shared.tables import write_numbers
from fer_core.studies.results.records import Record, describe_row, write_record
from tests.helpers.pages import open_page
from tests.helpers.tables import RECORDED, entry, row, write_file


@pytest.fixture
def table(tmp_path, monkeypatch):
    table = write_file(tmp_path, row("a"), row("b", more='why_not = "two hours"\n'), row("c", "recorded", RECORDED))
    monkeypatch.setattr(results, "find_table_file", lambda: table.path)
    return table


def read_shown(app):
    return next(frame.value for frame in app.dataframe if "How" in frame.value)


def test_an_installed_package_has_no_table_and_says_which_command_fills_it(monkeypatch):
    monkeypatch.setattr(results, "find_table_file", lambda: None)
    app = open_page("runs")
    assert any("`fer results run`" in info.value for info in app.info)


def test_rows_are_shown_before_any_is_measured_with_why_and_what_was_recorded(table):
    app = open_page("runs")
    assert any("`fer results run`" in info.value for info in app.info)
    shown = read_shown(app)
    assert shown["How"].tolist() == ["not run yet", "not run: two hours", "recorded by hand on 2026-11-24"]
    assert shown["Test"].tolist()[2] == pytest.approx(0.596)


def test_a_measured_row_has_its_figures_curves_and_confusion(table):
    write_record(
        table.folder,
        Record(
            row="a", kind="train", state="done", why="", spec=describe_row(table.rows["a"], table), results=(entry(),)
        ),
    )
    app = open_page("runs")
    assert not any("`fer results run`" in info.value for info in app.info)
    first = read_shown(app).iloc[0]
    assert (first["Row"], first["Test"], first["Interval"]) == ("The a", 0.5, "20.2 to 79.8 % (n = 7)")
    assert app.selectbox(key="runs.results.row").value == "a"
    assert len(app.get("plotly_chart")) == 3


def test_a_damaged_file_is_told_and_the_rest_of_the_page_stays(table):
    table.folder.mkdir()
    Path(table.folder / "a.json").write_text("{}")
    app = open_page("runs")
    assert "a.json is not the row's file" in read_shown(app)["How"].tolist()[0]
    assert not app.error


def test_a_number_that_is_not_there_is_a_dash_and_not_a_none():
    table = pd.DataFrame({"Faces": [1234, None], "Test": [0.5, None]})
    written = write_numbers(table, ["Test"]).to_html()
    assert [text in written for text in (">1,234.00<", ">50.0 %<", "None", "nan")] == [True, True, False, False]
    assert written.count(">-<") == 2
