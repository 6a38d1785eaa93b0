"""`fer dashboard`, and `fer start-demo`, which fills an empty workspace with something to show there."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from fer_core.base.project import ROOT
from fer_core.cli.output import progress_line


def dashboard(port: Annotated[int, typer.Option(help="port on 127.0.0.1")] = 8501) -> None:
    """Start the dashboard in this terminal; Ctrl-C stops it and leaves runs in progress."""
    from fer_core.base.workspace import home

    os.environ["FER_CWD"] = str(Path.cwd())  # where the paths start from that a person types into the pages
    os.environ["FER_HOME"] = str(home())  # before the folder changes: streamlit reads its settings from the project's
    os.chdir(ROOT)
    streamlit = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py")]
    os.execv(sys.executable, [*streamlit, "--server.address", "127.0.0.1", "--server.port", str(port)])


def start_demo() -> None:
    """If there are no data sets yet, draw the demo faces and queue a first short run on them."""
    from fer_core.datasets.assembling.demo import make_demo
    from fer_core.datasets.dataset import dataset_names
    from fer_core.runners import submit as runner
    from fer_core.runs.config import build_config
    from fer_core.runs.find import list_runs
    from fer_core.runs.presets import preset_values

    if not dataset_names():
        print(f"Drew {make_demo(progress=progress_line()).info.n:,} demo faces.")
    if "demo" in dataset_names() and not list_runs():
        run = runner.submit(build_config({"dataset": "demo", **preset_values("quick")}), "fer start-demo")
        print(f"Queued a first short run on them: {run.run_id}.")
