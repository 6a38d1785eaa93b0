"""A kept workspace is asked as a person asks: by a command or a page, not by the engine behind them, which may move."""

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner, Result

from fer_core.cli import app as fer
from tests.helpers.project import ROOT

KEPT = Path(__file__).parent / "workspace-0.1.zip"
EXPECTED = {  # page -> what an error on it may say: the kept workspace holds what went wrong
    "data": ("failed failed: There is nothing at /data/faces/sources/none.csv", "stopped stopped: Nothing was changed",
             "killed stopped unexpectedly (power loss"),
    "train": ("failed failed: /data/faces/workspace/misfit.pt cannot be read as weights",),
    "errors": ("There is no data set 'gone'", "-bare has finished, but its weights file is missing"),
}  # fmt: skip


def call(*arguments: object) -> Result:
    """`fer ARGUMENTS` in this process."""
    return CliRunner().invoke(fer, [str(argument) for argument in arguments])


def read(*arguments: object) -> Any:
    """The document that `fer ARGUMENTS --json` prints."""
    result = call(*arguments, "--json")
    assert result.exit_code == 0, (arguments, result.exception, result.output)
    return json.loads(result.stdout)


def find_run(name: str) -> str:
    """The id of the kept run of that name."""
    (found,) = [row["run_id"] for row in read("runs", "list") if row["title"] == name]
    return found


def open_page(name: str, query: dict[str, str]) -> AppTest:
    """The page with the link's query, opened as a browser does: without an exception or an error that is not due."""
    page = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    if name != "overview":
        page.switch_page(f"../pages/{name}.py")
    page.query_params.update(query)
    page.run()
    assert not page.exception, page.exception
    for error in page.error:
        assert any(due in error.value.replace("*", "") for due in EXPECTED.get(name, ())), error.value
    assert page.title
    return page
