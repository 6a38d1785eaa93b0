"""Every page starts: with nothing in the workspace, with a data set alone, and with a finished run."""

import subprocess
import sys
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fer_core import jobs
from fer_core.config import build_config
from fer_core.runners.slurm import SlurmOptions
from fer_core.runs import create_run
from fer_core.train import train_run
from tests.fake_slurm import FakeSlurm
from tests.samples import make_dataset
from tests.test_train import TINY, Stop

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def run(tmp_path):
    make_dataset(tmp_path)
    run = create_run(build_config({**TINY, "epochs": 2}), "test")
    train_run(run, Stop())
    return run


def open_page(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    app.query_params.update(query)
    app.run()
    if name != "overview":
        app.switch_page(f"../pages/{name}.py").run()
    assert not app.exception, app.exception
    return app


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


def test_the_errors_page_shows_the_cell_of_the_link(run):
    app = open_page("errors", cell="happy-happy")
    assert any("happy, rightly found" in text.value for text in app.markdown)
    assert app.metric[0].value == f"{run.report['test']['accuracy']:.1%}"


def test_a_click_on_the_matrix_chooses_the_cell(run):
    app = open_page("errors")
    app.session_state["errors.matrix"] = {"selection": {"points": [{"customdata": [5, 6]}]}}
    app.run()
    assert not app.exception


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
    run = jobs.submit(build_config(TINY), "test", SlurmOptions())
    app = open_page("train")
    assert any("waits in Slurm's queue as job 7" in bar.proto.text for bar in app.get("progress"))
    next(button for button in app.button if button.label == "Stop").click().run()
    assert (slurm.asked("scancel"), run.state) == (["7"], "stopped")
    slurm.answer("sbatch", "Submitted batch job 8")
    slurm.answer("squeue", "8 RUNNING\\n")
    app.run()
    next(button for button in app.button if button.label == "Resume").click().run()
    assert (run.slurm["job_id"], run.state) == ("8", "running")
    assert slurm.asked("scancel") == ["7", "7"]  # no earlier job goes on beside the new one
    assert not app.exception


def test_no_page_without_a_network_imports_torch(run):
    code = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('dashboard/app.py', default_timeout=60).run()\n"
        "for name in ('data', 'train', 'runs'):\n"
        "    app.switch_page(f'../pages/{name}.py').run()\n    assert not app.exception, app.exception\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=120, capture_output=True)
