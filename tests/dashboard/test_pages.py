"""Every page starts: with nothing in the workspace, with a data set alone, with a finished run, with an ensemble."""

import json
import subprocess
import sys

import pytest

from dashboard.runs import export
from dashboard.services import exports
from dashboard.shared import config_form
from fer_core.base.text import percent
from fer_core.runners import submit
from fer_core.runners.slurm import SlurmOptions
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.find import delete_run, list_runs
from fer_core.runs.groups import list_groups
from fer_core.studies.ensemble import make_ensemble
from fer_core.studies.kfold import start_folds
from tests.helpers.fake_slurm import FakeSlurm
from tests.helpers.pages import open_page
from tests.helpers.project import ROOT
from tests.helpers.samples import make_dataset
from tests.helpers.trained import finish
from tests.helpers.training import TINY

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_starts_on_an_empty_workspace_and_says_what_to_do(name):
    app = open_page(name)
    assert app.title
    assert app.info or app.button


@pytest.mark.parametrize("name", PAGES)
def test_a_page_starts_with_a_data_set_and_no_run(name, tmp_path):
    make_dataset(tmp_path)
    assert open_page(name).title


@pytest.mark.parametrize("name", PAGES)
def test_a_page_starts_with_a_finished_run(name, run):
    assert open_page(name).title


@pytest.fixture
def another(run):
    return finish(create_run(run.config.model_copy(update={"seed": 1}), "test"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_starts_with_an_ensemble_among_the_runs_and_alone(name, run, another):
    make_ensemble([run, another])
    assert open_page(name).title
    delete_run(run)
    delete_run(another)
    assert open_page(name).title


def test_the_ticked_runs_are_averaged_at_a_click(run, another):
    app = open_page("runs")
    assert app.button(key="runs.ensemble").disabled
    app.session_state[f"runs.table.{another.run_id}.2"] = {"selection": {"rows": [0, 1], "columns": []}}
    app.run()
    app.button(key="runs.ensemble").click().run()
    assert not app.exception
    made = list_runs()[0]
    assert {member.run_id for member in made.members} == {run.run_id, another.run_id}
    assert made.title in app.dataframe[0].value["title"].tolist()
    assert app.button(key="runs.ensemble").disabled  # the ticks are gone with the positions they stood for


@pytest.fixture
def no_supervisor(monkeypatch):
    monkeypatch.setattr("fer_core.runners.local.start_supervisor", lambda *args: None)


def test_a_cross_validation_is_started_from_the_form(tmp_path, no_supervisor):
    make_dataset(tmp_path)
    app = open_page("train")
    app.number_input(key="train.folds.quick").set_value(3)
    app.button(key="train.start").click().run()
    assert not app.exception
    (group,) = list_groups()
    assert [run.config.fold for run in group.runs] == [0, 1, 2]
    assert app.selectbox(key="train.run").value == group.runs[0].run_id


def test_cross_validations_are_shown_stopped_and_resumed_on_the_runs_page(tmp_path, no_supervisor):
    make_dataset(tmp_path)
    group = start_folds(build_config({**TINY, "epochs": 1, "name": "tried", "folds": 2}), "test")
    finish(group.runs[0])
    app = open_page("runs")
    table = next(frame.value for frame in app.dataframe if "Folds" in frame.value)
    assert table["Folds"].tolist() == ["1 of 2"]
    assert table["Test: accuracy"].tolist() == [f"{100 * group.runs[0].report['test'].accuracy:.1f} %"]
    app.button(key="runs.group.stop").click().run()
    assert [run.state for run in group.runs] == ["finished", "stopped"]
    app.button(key="runs.group.resume").click().run()
    assert [run.state for run in group.runs] == ["finished", "queued"]
    app.button(key="runs.group.ask").click().run()
    assert any("its 2 runs" in text.value for text in app.markdown)
    assert app.button(key="runs.group.confirm").label == "Delete permanently"


def test_the_errors_page_shows_the_cell_of_the_link(run):
    app = open_page("errors", cell="happy-happy")
    assert any("happy, classified correctly" in text.value for text in app.markdown)
    assert app.metric[0].value == percent(run.report["test"].accuracy)


def test_a_click_on_the_matrix_chooses_the_cell(run):
    app = open_page("errors")
    app.session_state["errors.matrix"] = {"selection": {"points": [{"customdata": [5, 6]}]}}
    app.run()
    assert not app.exception


def test_the_runs_page_draws_the_test_accuracy_on_all_faces_and_on_those_without_a_copy(run):
    chart = next(chart for chart in open_page("runs").get("plotly_chart") if "runs.scores" in chart.proto.id)
    drawn = [trace["x"] for trace in json.loads(chart.proto.spec)["data"]]
    test = run.report["test"]
    assert drawn == [[test.accuracy], [test.accuracy_without_copies]]


def test_a_preset_and_drawn_data_are_named_plainly_in_the_link(tmp_path):
    drawn = make_dataset(tmp_path, "drawn")
    (drawn.path / "dataset.json").write_text(json.dumps(drawn.info.to_document() | {"drawn": True}))
    make_dataset(tmp_path, "another")
    app = open_page("train", **{"train.preset": "compact", "train.dataset": drawn.name})
    assert app.selectbox(key="train.preset").value == "compact"
    assert app.selectbox(key="train.dataset").value == drawn.name
    app.selectbox(key="train.preset").set_value("fast").run()
    assert app.query_params["train.preset"] == "fast"
    app.selectbox(key="train.preset").set_value("quick").run()
    assert app.query_params["train.preset"] == "quick"
    assert "train.preset" not in open_page("train").query_params  # a page that nobody chose on has a short link


def test_the_run_of_a_link_is_shown_by_its_id(run, another):
    app = open_page("train", **{"train.run": run.run_id})
    assert app.selectbox(key="train.run").value == run.run_id
    assert open_page("train").selectbox(key="train.run").value == another.run_id


def test_a_wrong_config_is_refused_on_the_page_with_the_same_sentence(tmp_path):
    make_dataset(tmp_path)
    app = open_page("train")
    app.number_input(key="train.quick.learning_rate").set_value(99.0)
    next(button for button in app.button if button.label == "Start training").click().run()
    assert not app.exception
    assert any("learning_rate" in error.value for error in app.error)


def test_a_run_on_slurm_is_stopped_and_resumed_with_the_same_buttons(tmp_path, monkeypatch):
    make_dataset(tmp_path)
    slurm = FakeSlurm(tmp_path / "bin", monkeypatch)
    slurm.answer("sbatch", "Submitted batch job 7")
    slurm.answer("squeue", "7 PENDING\\n")
    run = submit.submit(build_config(TINY), "test", SlurmOptions())
    app = open_page("train")
    assert any("is queued on Slurm as job 7" in bar.proto.text for bar in app.get("progress"))
    next(button for button in app.button if button.label == "Stop").click().run()
    assert (slurm.asked("scancel"), run.state) == (["7"], "stopped")
    slurm.answer("sbatch", "Submitted batch job 8")
    slurm.answer("squeue", "8 RUNNING\\n")
    app.run()
    next(button for button in app.button if button.label == "Resume").click().run()
    assert (run.slurm["job_id"], run.state) == ("8", "running")
    assert slurm.asked("scancel") == ["7", "7"]  # no earlier job goes on beside the new one
    assert not app.exception


@pytest.mark.slow
def test_no_page_without_a_network_imports_torch(run):
    code = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('dashboard/app.py', default_timeout=60).run()\n"
        "for name in ('data', 'train', 'runs', 'search'):\n"
        "    app.switch_page(f'../pages/{name}.py').run()\n    assert not app.exception, app.exception\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=120, capture_output=True)


@pytest.mark.parametrize("installed", [True, False])
def test_the_form_keeps_a_network_of_timm_and_takes_new_ones_only_where_timm_is_installed(run, monkeypatch, installed):
    config = json.loads((run.path / "config.json").read_text())
    (run.path / "config.json").write_text(json.dumps({**config, "model": "timm:resnet18d"}))
    monkeypatch.setattr(config_form, "has_extra", lambda extra: installed)
    box = open_page("train", **{"from": run.run_id}).selectbox(key=f"train.{run.run_id}.model")
    assert box.value == "timm:resnet18d"
    assert box.proto.accept_new_options is installed


@pytest.mark.parametrize("onnx", [False, True], ids=["zip", "zip with ONNX"])
def test_a_finished_run_can_be_downloaded_as_a_zip(run, monkeypatch, onnx):
    asked = []
    monkeypatch.setattr(exports, "zip_run", lambda run, onnx: asked.append((run.run_id, onnx)) or b"PK")
    monkeypatch.setattr(export, "has_extra", lambda extra: True)
    app = open_page("runs")
    assert not app.get("download_button")
    app.toggle(key="runs.onnx").set_value(onnx).run()
    app.button(key="runs.zip").click().run()
    assert not app.exception
    assert app.get("download_button")[0].proto.label == "Download"
    assert asked == [(run.run_id, onnx)]


def test_where_onnx_is_missing_the_page_does_not_offer_it(run, monkeypatch):
    monkeypatch.setattr(export, "has_extra", lambda extra: False)
    assert "runs.onnx" not in {toggle.key for toggle in open_page("runs").toggle}
