from dashboard.figures.search_history import compute_search_history, plot_search_history
from dashboard.figures.search_importance import compute_importances, plot_importances


def trial(number, state, value, **params):
    return {"trial": number, "state": state, "value": value, "params": params}


TRIALS = [
    trial(0, "complete", 0.4, learning_rate=0.01234567, optimizer="sgd"),
    trial(1, "pruned", 0.2),
    trial(2, "failed", None),
    trial(3, "complete", 0.3),
    trial(4, "complete", 0.6),
    trial(5, "running", 0.9),
]


def test_the_best_so_far_never_falls_and_only_complete_trials_raise_it():
    history = compute_search_history(TRIALS)
    assert history.complete.numbers == (0, 3, 4)
    assert history.best == (0.4, 0.4, 0.6)
    assert (history.pruned.numbers, history.pruned.values) == ((1,), (0.2,))
    assert history.complete.tried[0] == "learning rate 0.01235<br>optimizer sgd"


def test_pruned_trials_have_a_mark_of_their_own():
    complete, pruned, best = plot_search_history(compute_search_history(TRIALS)).data
    assert complete.marker.symbol != pruned.marker.symbol == "x"
    assert (pruned.x, best.y) == ((1,), (0.4, 0.4, 0.6))


def test_the_history_of_nothing_says_when_the_first_point_comes():
    figure = plot_search_history(compute_search_history([trial(0, "running", None)]))
    assert not figure.data
    assert "end of the first trial" in figure.layout.annotations[0].text


def test_the_field_that_mattered_most_is_on_top():
    importances = compute_importances({"dropout": 0.1, "learning_rate": 0.8, "batch_size": 0.1})
    assert importances.fields == ("learning_rate", "batch_size", "dropout")
    figure = plot_importances(importances)
    assert figure.data[0].y[0] == "learning rate"
    assert figure.layout.yaxis.autorange == "reversed"


def test_too_few_trials_are_said_instead_of_importances():
    assert "after 3 more" in plot_importances(compute_importances({}, 3)).layout.annotations[0].text
    assert "no importance can be computed" in plot_importances(compute_importances({})).layout.annotations[0].text
