"""What the charts of copies show."""

from PIL import Image

from dashboard.figures.copies import compute_copies, plot_copies
from dashboard.figures.copy_sets import CopySet, Tile, plot_copy_sets
from dashboard.figures.leaks import Leak, compute_leaks, plot_leaks
from fer_core.datasets.checks.copy_sets import count_leaks, list_sets
from tests.helpers.face_table import TABLE


def test_sets_are_counted_by_the_harm_they_do_and_by_size():
    sets = list_sets(TABLE.assign(copy_group=[1, 1, 2, 3, 3], sha256=["x", "x", "y", "z", "w"], split="train"))
    by_kind = compute_copies(sets)
    assert dict(zip(by_kind.names, by_kind.exact, strict=True))["contradicting labels only"] == 1
    assert dict(zip(by_kind.names, by_kind.near, strict=True))["contradicting labels only"] == 1
    assert sum(by_kind.exact) + sum(by_kind.near) == 2
    by_size = compute_copies(sets, "size")
    assert (by_size.exact, by_size.near) == ((1, 0, 0, 0, 0), (1, 0, 0, 0, 0))


def test_a_set_across_splits_with_one_label_is_no_contradiction():
    sets = list_sets(TABLE.assign(expression="sad"))
    counts = compute_copies(sets)
    assert counts.near == (0, 0, 1, 0)
    assert plot_copies(counts).data[1].x == (0, 0, 1, 0)


def test_without_sets_the_figure_says_so():
    none = list_sets(TABLE.assign(copy_group=range(5)))
    assert "No face has a copy" in plot_copies(compute_copies(none)).layout.annotations[0].text


def test_leaks_have_a_panel_a_source_and_end_with_all():
    panels = compute_leaks(count_leaks(TABLE))
    assert panels == {
        "a": (Leak("happy", 1, 1, 1), Leak("all", 1, 1, 1)),
        "b": (Leak("sad", 1, 0, 0), Leak("all", 1, 0, 0)),
    }
    figure = plot_leaks(panels)
    assert [(bar.name, bar.x) for bar in figure.data[:2]] == [
        ("exact copy in training", (1.0, 1.0)),
        ("exact or near copy in training", (1.0, 1.0)),
    ]
    old = compute_leaks(count_leaks(TABLE.drop(columns="near_copy_in_train")))
    assert [bar.name for bar in plot_leaks(old).data] == ["exact copy in training"] * 2


def test_the_faces_of_sets_are_numbered_row_by_row():
    tile = Tile(Image.new("L", (8, 8)), "sad", "test · a")
    figure = plot_copy_sets([CopySet("two", (tile, tile)), CopySet("one", (tile,))], 4)
    points = figure.data[0]
    assert (points.customdata, points.x) == ((0, 1, 2), (0.5, 1.5, 0.5))
    assert points.y[0] == points.y[1] < points.y[2]
    assert len(figure.layout.images) == 3
