from dashboard.figures.balance import Balance, compute_balance, plot_balance
from fer_core.datasets.checks.class_balance import describe_balance
from fer_core.labels import EXPRESSIONS
from tests.helpers.samples import make_info


def cells(source, **stages):
    """Counts of one source; `happy=(read, before, after)`, 0 elsewhere."""
    names = ("n_read", "n_before", "n_after")
    return [
        {"source": source, "expression": e, **dict(zip(names, stages.get(e, (0, 0, 0)), strict=True))}
        for e in EXPRESSIONS
    ]


def view(counts):
    return compute_balance(describe_balance(make_info(balance={"n_left_out": 0, "counts": counts})))


COUNTS = [*cells("a", happy=(9, 8, 8), sad=(5, 6, 6)), *cells("b", happy=(7, 7, 2))]


def test_what_is_shown_are_the_faces_that_stay_that_were_left_out_and_what_one_weighs():
    shown = view(COUNTS)
    assert shown.after == {"a": (0, 0, 0, 8, 6, 0, 0), "b": (0, 0, 0, 2, 0, 0, 0)}
    assert shown.left_out == {"a": (0,) * 7, "b": (0, 0, 0, 5, 0, 0, 0)}
    assert shown.read == (0, 0, 0, 16, 5, 0, 0)
    assert shown.weights["class_weights"] == (None, None, None, 0.8, 16 / 12, None, None)


def test_bars_are_pale_where_faces_were_left_out_and_a_line_stands_where_labels_changed():
    figure = plot_balance(view(COUNTS))
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [(bar.name, bar.marker.opacity < 1, sum(bar.x)) for bar in bars] == [
        ("a", False, 14), ("b", False, 2), ("b", True, 5),
    ]  # fmt: skip
    assert bars[2].hovertext[3] == "5 faces of b labelled happy, excluded by its limit"
    lines = [trace for trace in figure.data if trace.name == "with the sources' labels"]
    assert list(lines[0].x) == [0, 0, 0, 16, 5, 0, 0]
    assert figure.layout.xaxis.range[1] > 16


def test_no_line_stands_where_no_label_changed_or_that_is_not_known():
    for counts in (cells("a", happy=(8, 8, 3)), cells("a", happy=(None, None, 3))):
        assert "with the sources' labels" not in [trace.name for trace in plot_balance(view(counts)).data]


def test_without_training_faces_a_sentence_stands_there():
    empty = Balance({"a": (0,) * 7}, {"a": (0,) * 7}, None, {})
    assert "no training faces" in plot_balance(empty).layout.annotations[0].text
