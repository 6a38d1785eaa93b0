"""The public names: what they are, that they load lazily, and that their examples run as they are printed."""

import ast
import doctest
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fer_core as fer
from fer_core.base.project import ROOT
from fer_core.datasets.assembling.demo import make_demo
from fer_core.runners import local
from tests.helpers.photo import draw_photo
from tests.helpers.samples import write_ckplus, write_fer2013

NAMES = [
    "EXPRESSIONS", "Dataset", "DatasetRecipe", "FaceClassifier", "FacePrediction", "InputError", "Predictions", "Run",
    "TrainConfig", "Wanted", "assemble", "correct_label", "evaluate", "export_dataset", "export_run", "list_datasets",
    "list_runs", "load_network", "make_demo", "open_dataset", "open_run", "preset", "select_faces", "submit", "train",
]  # fmt: skip
NEEDS_A_RUN = {"Predictions", "Run", "list_runs", "open_run"}
SLOW = {"train", "evaluate", "load_network", "FaceClassifier", "FacePrediction"} | NEEDS_A_RUN


def test_the_public_names_are_these():
    assert sorted(fer.__all__) == sorted(NAMES)
    assert set(NAMES) <= set(dir(fer))


def test_type_checkers_see_each_name_where_it_is_defined():
    seen = {}
    for node in ast.walk(ast.parse((ROOT / "fer_core/__init__.py").read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fer_core."):
            seen |= {a.asname or a.name: f"{node.module.removeprefix('fer_core.')}:{a.name}" for a in node.names}
    assert seen == fer._PLACES


def test_the_import_loads_no_heavy_package():
    code = "import sys, fer_core; print([m for m in ('torch', 'pandas', 'numpy', 'pydantic') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'asemble'"):
        fer.asemble  # noqa: B018


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with sources, a photograph, and a workspace with the demo data set."""
    home = tmp_path_factory.mktemp("home")
    write_fer2013(home / "data")
    write_ckplus(home / "data")
    draw_photo(("happy",), seed=1).save(home / "photo.jpg")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_HOME", str(home / "workspace"))
        make_demo(n=420)
    return home


@pytest.fixture(scope="module")
def trained(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a finished run."""
    home = tmp_path_factory.mktemp("trained") / "home"
    shutil.copytree(prepared, home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_HOME", str(home / "workspace"))
        patch.setenv("OMP_NUM_THREADS", "1")
        fer.train(fer.preset("quick", dataset="demo", name="first", epochs=1), quiet=True)
    return home


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in NAMES]
)
def test_its_example_runs_as_printed(name, prepared, request, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(request.getfixturevalue("trained") if name in NEEDS_A_RUN else prepared, home)
    monkeypatch.setenv("FER_HOME", str(home / "workspace"))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("FER_CWD", str(home))
    monkeypatch.chdir(home)
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)  # a queued run stays so
    value = getattr(fer, name)
    tests = doctest.DocTestFinder().find(value, name, globs={"fer": fer, "Path": Path})
    examples = [test for test in tests if test.examples]
    assert examples or name == "EXPRESSIONS", f"{name} has no example"
    for test in examples:
        result = doctest.DocTestRunner().run(test)
        assert not result.failed, test.name
