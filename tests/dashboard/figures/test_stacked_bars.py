"""What the charts of flags and of reasons have in common."""

from dashboard.figures.stacked_bars import plot_stacked_bars


def plot(counts):
    return plot_stacked_bars(["first", "second"], counts, lambda *parts: " ".join(map(str, parts)), 200)


def test_the_parts_of_a_bar_lie_end_to_end_and_their_total_has_room_after_them():
    figure = plot({"a": [1, 2_000], "b": [0, 300]})
    *bars, totals = figure.data
    assert [(bar.name, bar.orientation, bar.x, bar.y) for bar in bars] == [
        ("a", "h", (1, 2_000), ("first", "second")),
        ("b", "h", (0, 300), ("first", "second")),
    ]
    assert figure.layout.barmode == "stack"
    assert (totals.x, totals.text) == ((1, 2_300), (" 1", " 2,300"))
    assert figure.layout.xaxis.range[1] > 2_300
    assert bars[0].hovertext == ("first a 1", "second a 2000")


def test_the_first_label_is_at_the_top():
    assert plot({"a": [1, 2]}).layout.yaxis.autorange == "reversed"


def test_the_legend_names_the_sources_where_there_are_several_and_not_the_totals():
    several, one = plot({"a": [1, 2], "b": [3, 4]}), plot({"a": [1, 2]})
    assert several.layout.showlegend
    assert [trace.name for trace in several.data if trace.showlegend is not False] == ["a", "b"]
    assert not one.layout.showlegend


def test_a_source_keeps_its_colour_where_another_has_nothing_to_show():
    both, alone = plot({"a": [1, 2], "b": [3, 4]}), plot({"a": [0, 0], "b": [3, 4]})
    assert both.data[1].marker.color == alone.data[0].marker.color != both.data[0].marker.color
