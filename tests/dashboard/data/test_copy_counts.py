"""The form says what each rule for copies takes before Assemble is pressed."""

import pytest

from dashboard.data.copy_counts import arrange
from dashboard.data.copy_rules import COPY_CHOICES, describe_taken
from fer_core.base.workspace import copy_counts_dir
from fer_core.datasets.assembling.copy_counts import main
from fer_core.datasets.checks.copies import COPY_RULES
from fer_core.datasets.counts import TakenCount
from fer_core.datasets.splits import RULES
from tests.helpers.pages import add_source, open_page
from tests.helpers.samples import make_dataset, write_fer2013


@pytest.fixture
def counted(monkeypatch):
    """Counting is done within the click, not in a process of its own."""
    monkeypatch.setattr("fer_core.jobs.folder.leave_detached", lambda command, log: None)

    def count():
        for folder in copy_counts_dir().iterdir():
            main(folder)

    return count


def test_the_counts_are_shown_once_they_are_made_and_hidden_when_the_split_is_another(tmp_path, counted):
    app = open_page("data")
    path = write_fer2013(tmp_path)
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    add_source(app, path)
    app.button(key="data.copies.count").click().run()
    counted()
    app.run()
    assert not app.exception
    table = next(table.value for table in app.table if "Rule" in table.value)
    assert table["Rule"].tolist() == [f"✓ {COPY_CHOICES['keep']}", *list(COPY_CHOICES.values())[1:]]
    assert table["pixelcsv"].astype(str).tolist() == ["0", "1", "0", "0"]
    app.selectbox(key="data.rule").set_value("80:10:10").run()
    assert app.button(key="data.copies.count").label == "Count now"


def test_a_count_that_failed_says_why(tmp_path, counted):
    app = open_page("data")
    path = write_fer2013(tmp_path)
    path.write_text(path.read_text() + "9,1 2 3,Training\n")
    add_source(app, path)
    app.button(key="data.copies.count").click().run()
    counted()
    app.run()
    assert any("The count failed: " in error.value and "row 43" in error.value for error in app.error)


def test_a_rule_that_leaves_too_few_faces_has_no_number_and_the_chosen_one_is_marked():
    rules = ("keep", "drop_surplus", "drop_contradicting", "drop_leaks")
    counts = [TakenCount(rule=r, source="a", n=None if r == "drop_leaks" else 1, n_faces=9) for r in rules]
    table = arrange(counts, "drop_surplus")
    assert [rule.startswith("✓") for rule in table["Rule"]] == [False, True, False, False]
    assert table["a"].isna().tolist() == [False, False, False, True]


def test_the_form_and_the_face_browser_stand_on_one_page(tmp_path):
    make_dataset(tmp_path)
    app = open_page("data", **{"data.section": "Faces"})
    add_source(app, write_fer2013(tmp_path))
    assert not app.exception
    assert app.selectbox(key="data.copy_rule").value == "keep"


def test_every_rule_has_a_name_and_says_what_it_takes_under_every_split():
    assert list(COPY_CHOICES) == list(COPY_RULES)
    for split in (*RULES, "leave-out:a"):
        sentences = [describe_taken(rule, split) for rule in COPY_RULES]
        assert len(set(sentences)) == len(sentences)
    assert "Test: none" in describe_taken("drop_surplus", "official")
    assert describe_taken("drop_leaks", "80:10:10").startswith("None")
    assert "Validation and test: none" in describe_taken("drop_leaks", "leave-out:a")
