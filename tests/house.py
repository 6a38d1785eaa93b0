"""`make house`: the figures of the project's structure, each with its limit; it fails where one is exceeded.

The floors themselves stand in pyproject.toml and are checked by import-linter.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
from importlinter.cli import lint_imports

from tests.helpers.project import ROOT

PACKAGES = ("fer_core", "dashboard", "pages")
MANY_FILES = ("readers", "figures")  # folders of a registry: a file an entry


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of the structure: what stands over the limit is named."""

    name: str
    value: int
    limit: int
    over: tuple[str, ...] = ()

    def __str__(self) -> str:
        mark = "ok" if self.value <= self.limit else "OVER"
        head = f"{mark:<4} {self.name}: {self.value} (at most {self.limit})"
        return "\n".join([head, *(f"       {what}" for what in self.over)])


def measure_house() -> list[Figure]:
    """Every figure but the floors."""
    sources = [path for package in (*PACKAGES, "tests") for path in sorted((ROOT / package).rglob("*.py"))]
    own = [path for path in sources if path.relative_to(ROOT).parts[0] != "tests"]
    top = [path for path in (ROOT / "fer_core").iterdir() if path.name != "__pycache__"]
    long_files = _over([(_name(path), _count_lines(path)) for path in sources], 300)
    long_functions = _over([pair for path in own for pair in _measure_functions(path)], 40)
    full_folders = _over(_count_files(sources), 25)
    circle = _find_circle()
    return [
        Figure(name="entries at the top of fer_core", value=len(top), limit=20),
        Figure(name="circles of imports", value=int(bool(circle)), limit=0, over=circle),
        Figure(name="files of more than 300 lines", value=len(long_files), limit=0, over=long_files),
        Figure(name="functions of more than 40 lines", value=len(long_functions), limit=0, over=long_functions),
        Figure(name="folders of more than 25 files", value=len(full_folders), limit=0, over=full_folders),
    ]


def _over(pairs: list[tuple[str, int]], limit: int) -> tuple[str, ...]:
    return tuple(f"{name}: {n}" for name, n in sorted(pairs, key=lambda pair: -pair[1]) if n > limit)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _count_lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _measure_functions(path: Path) -> Iterator[tuple[str, int]]:
    """(name, lines) of every function, from its `def` to its last statement."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{_name(path)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1


def _count_files(sources: list[Path]) -> list[tuple[str, int]]:
    folders = {path.parent for path in sources if path.parent.name not in MANY_FILES}
    return [(_name(folder), sum(path.name != "__init__.py" for path in folder.glob("*.py"))) for folder in folders]


def _find_circle() -> tuple[str, ...]:
    """The modules of one circle of imports, the first again at its end; () where there is none."""
    graph = grimp.build_graph(*PACKAGES)
    try:
        imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def main() -> int:
    """Prints the figures; 1 where one is over its limit or a floor is broken."""
    figures = measure_house()
    print(*figures, sep="\n")
    kept = lint_imports(config_filename=str(ROOT / "pyproject.toml")) == 0
    return 0 if kept and all(figure.value <= figure.limit for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
