"""The notebook docs/first-steps.ipynb."""

import json
import re
import warnings

import pytest

from tests.helpers.project import ROOT

NOTEBOOK = ROOT / "docs" / "first-steps.ipynb"


def test_the_notebook_is_small_and_has_no_outputs_that_could_grow_old():
    assert NOTEBOOK.stat().st_size < 200_000
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_bottom(workspace, tmp_path, monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Jupyter's own packages
        import nbformat
        from nbclient import NotebookClient

        monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
        monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
        monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=":")
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []) if "text" in output
    )
    assert re.search(r"accuracy \d+\.\d%, macro F1 \d+\.\d% on \d+ test faces", printed)
    assert "(48, 48) True True" in printed
    assert list((workspace / "runs").glob("*-first-steps/report.json"))
