"""`python -m tests.strings [PATH ...]`: every text that a user may see, with its place, to be read in one go.

These are the texts of f-strings and constants of more than one word that are no docstrings, the help of commands (their
docstrings), and the descriptions of the training options.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.helpers.project import ROOT


class Text(NamedTuple):
    """One text and where it stands."""

    path: str
    line: int
    text: str


def read_texts(path: Path) -> Iterator[Text]:
    """The texts of one file, in order; what is filled in stands as {}."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).as_posix()
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in ast.walk(node) if part is not node)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in skipped:
            text = _fill(node)
            if " " in text.strip():
                yield Text(name, node.lineno, text)
        if isinstance(node, ast.FunctionDef) and _is_command(node) and ast.get_docstring(node):
            yield Text(name, node.lineno, ast.get_docstring(node) or "")


def _fill(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _is_command(node: ast.FunctionDef) -> bool:
    """Whether a function is registered with typer, which shows its docstring as help."""
    return any("command" in ast.unparse(decorator) for decorator in node.decorator_list)


def list_texts(folders: list[Path]) -> list[Text]:
    """The texts of all files below the folders, sorted by place."""
    files = sorted({path for folder in folders for path in ([folder] if folder.is_file() else folder.rglob("*.py"))})
    return [text for path in files for text in read_texts(path)]


if __name__ == "__main__":
    chosen = [Path(argument).resolve() for argument in sys.argv[1:]]
    for found in list_texts(chosen or [ROOT / name for name in ("pages", "dashboard", "fer_core")]):
        print(f"{found.path}:{found.line}: {' '.join(found.text.split())}")
