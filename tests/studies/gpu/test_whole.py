"""The row gpu-check by way of a pack: packed here, run in an empty folder by its own code, and brought home."""

import json
import os
import shutil
import subprocess
import sys
from zipfile import ZipFile

import pytest

from fer_core.studies.gpu.bring import RESULTS
from tests.helpers.project import ROOT

pytestmark = pytest.mark.slow

PROJECT = ROOT
TABLE = PROJECT / "docs" / "results.toml"


def call(arguments: list[str], expected: int = 0, **variables: str) -> str:
    """What a command prints, in an environment that knows of no project."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FER_", "PYTHON"))}
    options = {"capture_output": True, "text": True, "timeout": 300, "check": False}
    answer = subprocess.run(arguments, env={**kept, "OMP_NUM_THREADS": "1", **variables}, **options)
    assert answer.returncode == expected, answer.stdout + answer.stderr
    return answer.stdout


@pytest.mark.skipif(not (PROJECT / ".git").exists(), reason="only a git clone can be packed")
def test_a_row_is_packed_run_elsewhere_brought_home_and_scored_there(tmp_path):
    wheels, pack, out = tmp_path / "wheels", tmp_path / "pack", tmp_path / "out"
    wheels.mkdir()
    with ZipFile(wheels / "sitecustomize-1.0-py3-none-any.whl", "w") as wheel:  # Python imports it at each start
        wheel.writestr("sitecustomize.py", f"open({str(tmp_path / 'wheel was found')!r}, 'w').close()")
    (tmp_path / "docs").mkdir()
    shutil.copy(TABLE, tmp_path / "docs")
    at_home = {"PYTHONPATH": str(PROJECT), "FER_HOME": str(tmp_path / "home")}
    fer, table = [sys.executable, "-m", "fer_core"], ["--file", str(tmp_path / "docs" / TABLE.name)]
    python = "{}.{}".format(*sys.version_info)
    options = ["--only", "gpu-check", "--wheels", str(wheels), "--python", python, "--out", str(pack)]
    packed = json.loads(call([*fer, "gpu", "pack", *options, *table, "--json"], **at_home))
    assert packed["rows"] == ["gpu-check"]

    there = [sys.executable, str(pack / "start.py"), "--out", str(out), "--time", "4m", "--jobs", "1"]
    said = call([*there, "--work", str(tmp_path / "there")])
    assert "gpu-check, seed 0: val" in said
    assert (tmp_path / "wheel was found").exists()
    with ZipFile(out / RESULTS) as file:
        (config,) = (name for name in file.namelist() if name.endswith("/config.json"))
    run_id = config.split("/")[1]
    assert (tmp_path / "there" / "workspace" / "runs" / run_id).is_dir()

    # Another machine, with what came home: the row is done there.
    said = call([*there, "--work", str(tmp_path / "another"), "--home", shutil.copytree(out, tmp_path / "kept")])
    assert ": started" not in said and "gpu-check  done" in said

    shutil.rmtree(tmp_path / "home")
    laid = json.loads(call([*fer, "gpu", "unpack", str(out), "--pack", str(pack), *table, "--json"], **at_home))
    assert (laid["runs"], laid["rows"]) == ([run_id], ["gpu-check"])
    row = json.loads((tmp_path / "docs" / "results" / "gpu-check.json").read_text())
    scores = json.loads(call([*fer, "evaluate", run_id, "--split", "test", "--json"], **at_home))
    assert scores["accuracy"] == pytest.approx(row["results"][0]["scores"]["test"]["accuracy"], abs=1e-6)
    call([*fer, "results", "run", "--only", "gpu-check", *table], **at_home)
    assert [path.name for path in (tmp_path / "home" / "runs").glob("[!.]*")] == [run_id]
