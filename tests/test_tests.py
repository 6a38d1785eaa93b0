import ast
from pathlib import Path

import pytest

from tests.helpers.project import ROOT

FILES = sorted((ROOT / "tests").rglob("*.py"))


def is_test(module: str) -> bool:
    """Whether a module below `tests` holds tests, or fixtures, and so is not for others to import."""
    return module.rpartition(".")[2].startswith(("test_", "conftest"))


def list_shared(path: Path) -> list[str]:
    """The modules below `tests` that a file imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
        elif isinstance(node, ast.Import):
            found += [name.name for name in node.names]
    return [name for name in found if name.split(".")[0] == "tests"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT / "tests")))
def test_no_test_imports_from_a_test(path):
    wrong = [name for name in list_shared(path) if is_test(name)]
    assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(wrong)}. Put what is shared into tests/helpers."


def test_an_import_from_a_test_is_seen(tmp_path):
    file = tmp_path / "test_x.py"
    file.write_text("from tests.cli.test_cli import call\n\n\ndef test_x():\n    import tests.training.test_process\n")
    assert list_shared(file) == ["tests.cli.test_cli", "tests.training.test_process"]
