import signal

import pytest

from dashboard.figures.lr_range import plot_lr_range
from fer_core.studies import lr_range_job
from fer_core.studies.lr_range import LrRange
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset

FOUND = LrRange(
    rates=(1e-3, 1e-2, 1e-1),
    losses=(2.0, 1.5, 9.0),
    smoothed=(1.9, 1.6, 2.5),
    steepest=1e-2,
    diverged=9e-2,
    suggested=0.03,
    sentence="words",
)


def test_losses_and_their_median_stand_over_a_logarithmic_axis_with_the_three_rates():
    figure = plot_lr_range(FOUND)
    dots, line, *rates = figure.data
    assert (list(dots.x), list(dots.y)) == ([1e-3, 1e-2, 1e-1], [2.0, 1.5, 9.0])
    assert list(line.y) == [1.9, 1.6, 2.5]
    assert figure.layout.xaxis.type == "log"
    assert {rate.name: rate.x[0] for rate in rates} == {
        "falls fastest 0.01": 1e-2,
        "lost 0.09": 9e-2,
        "suggested 0.03": 0.03,
    }
    assert figure.layout.yaxis.range[1] < 9  # what has blown up does not flatten the rest


def test_rates_that_were_not_found_are_not_marked():
    nothing = LrRange(
        rates=(1e-3, 1e-2),
        losses=(2.0, 2.1),
        smoothed=(2.0, 2.1),
        steepest=None,
        diverged=None,
        suggested=None,
        sentence="words",
    )
    assert len(plot_lr_range(nothing).data) == 2


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def test_a_learning_rate_is_found_from_the_page_and_taken_into_the_form(tmp_path, monkeypatch):
    make_dataset(tmp_path)
    monkeypatch.setattr("fer_core.jobs.folder.leave_detached", lambda command, log: None)
    monkeypatch.setattr(signal, "signal", lambda *args: None)
    app = press(open_page("train"), "Find a learning rate")
    (run,) = lr_range_job.list_lr_ranges()
    assert run.config.dataset == "tiny"
    assert any(button.label == "Stop" for button in app.button)
    monkeypatch.setattr(lr_range_job, "measure_losses", lambda *args: [2.0, 1.8, 1.5, 1.2, 1.1, 1.0])
    lr_range_job.main(run.path)
    app = app.run()
    assert any("Set learning_rate=" in text.value for text in app.markdown)
    rate = lr_range_job.read_result(run).suggested
    app = press(app, f"Use {rate:g}")
    assert app.number_input(key="train.quick.learning_rate").value == pytest.approx(rate)
    press(app, "Dismiss")
    assert lr_range_job.list_lr_ranges() == []
