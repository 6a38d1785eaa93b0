"""`make api`: docs/api.md, made from the docstrings of the public names. It reads the source files and imports none."""

import ast
import re
import textwrap
from pathlib import Path

import fer_core
from tests.helpers.project import ROOT

PAGE = ROOT / "docs" / "api.md"
WIDTH = 118
SECTIONS: dict[str, tuple[str, ...]] = {
    "Data sets": (
        "assemble", "DatasetRecipe", "make_demo", "open_dataset", "list_datasets", "Dataset", "select_faces", "Wanted",
        "correct_label", "export_dataset",
    ),
    "Training": ("preset", "TrainConfig", "train", "submit"),
    "Runs": ("open_run", "list_runs", "Run", "Predictions", "evaluate", "export_run"),
    "Networks": ("load_network", "FaceClassifier", "FacePrediction"),
    "Everywhere": ("EXPRESSIONS", "InputError"),
}  # fmt: skip
_HEAD = """# Python interface

`import fer_core as fer` gives the names on this page. Each is loaded when it is first used, so the import takes
milliseconds. Every example runs in the tests, in a workspace with the data set `demo` and a run named `first`.

`make api` makes this page from the docstrings. To change a text, change the docstring and run it again.
"""
_PARTS = ("Args", "Attributes", "Returns", "Raises", "Example", "Source")


def build_page() -> str:
    """The text of docs/api.md."""
    lines = [_HEAD]
    for section, names in SECTIONS.items():
        lines.append(f"- {section}: " + ", ".join(f"[{name}](#{name.lower()})" for name in names))
    contents = "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines[1:])
    parts = [_HEAD, contents + "\n"]
    for section, names in SECTIONS.items():
        parts.append(f"## {section}\n")
        parts += [_describe(name) for name in names]
    return "\n".join(parts).rstrip() + "\n"


def _describe(name: str) -> str:
    module, _, defined = fer_core._PLACES[name].partition(":")
    tree = ast.parse((ROOT / "fer_core" / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    node = next(node for node in tree.body if defined in _names(node))
    if isinstance(node, ast.FunctionDef):
        return f"### {name}\n\n{_function(node, name)}"
    if isinstance(node, ast.ClassDef):
        return f"### {name}\n\n{_class(node, name)}"
    assert isinstance(node, ast.AnnAssign) and node.value
    return f"### {name}\n\n```python\n{name} = {_plain(ast.unparse(node.value))}\n```\n"


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []


def _function(node: ast.FunctionDef, name: str) -> str:
    return f"```python\n{_signature(node, name)}\n```\n\n{_docstring(node)}"


def _signature(node: ast.FunctionDef, name: str) -> str:
    """`name(a: int, b: str = "x") -> Answer`, an argument a line where it is long."""
    answer = f" -> {_plain(ast.unparse(node.returns))}" if node.returns else ""
    given = [_plain(part) for part in _arguments(node.args) if part != "self"]
    line = f"{name}({', '.join(given)}){answer}"
    return line if len(line) <= 100 else f"{name}(\n" + "".join(f"    {part},\n" for part in given) + f"){answer}"


def _arguments(args: ast.arguments) -> list[str]:
    """Each argument as it is written, with its annotation and default."""
    positional = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
    parts = [_argument(arg, default) for arg, default in zip(positional, defaults, strict=True)]
    if args.posonlyargs:
        parts.insert(len(args.posonlyargs), "/")
    if args.kwonlyargs:
        parts.append(f"*{args.vararg.arg}" if args.vararg else "*")
    parts += [_argument(arg, default) for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    return [*parts, *([f"**{args.kwarg.arg}"] if args.kwarg else [])]


def _argument(arg: ast.arg, default: ast.expr | None) -> str:
    kind = f": {ast.unparse(arg.annotation)}" if arg.annotation else ""
    value = f"{' = ' if kind else '='}{ast.unparse(default)}" if default else ""
    return f"{arg.arg}{kind}{value}"


def _plain(code: str) -> str:
    """Quoted annotations without their quotes, and strings in double quotes, as the project writes them."""
    return re.sub(r"'([^'\"]*)'", lambda m: m[1] if re.fullmatch(r"[A-Z]\w*(\[.*\])?", m[1]) else f'"{m[1]}"', code)


def _class(node: ast.ClassDef, name: str) -> str:
    """The class with its fields, then its public methods."""
    is_config = any(ast.unparse(base) == "BaseModel" for base in node.bases)
    parts = [*([] if is_config else _constructor(node, name)), _docstring(node)]
    if is_config:
        parts.append(_fields(node))
    for each in node.body:
        if not isinstance(each, ast.FunctionDef) or each.name.startswith("_"):
            continue
        if any("property" in ast.unparse(mark) for mark in each.decorator_list):
            parts.append(f"**`{name}.{each.name}`**\n\n{_docstring(each)}")
        elif not any("validator" in ast.unparse(mark) for mark in each.decorator_list):
            parts.append(f"**`{name}.{each.name}`**\n\n{_function(each, each.name)}")
    return "\n".join(parts)


def _constructor(node: ast.ClassDef, name: str) -> list[str]:
    """How a dataclass that people make themselves is called: one with defaults."""
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
    if not any(isinstance(each.value, ast.Constant | ast.Name | ast.Tuple) for each in fields):
        return []
    parts = [_plain(ast.unparse(each)) for each in fields]
    return [f"```python\n{name}(\n" + "".join(f"    {part},\n" for part in parts) + ")\n```\n"]


def _fields(node: ast.ClassDef) -> str:
    """A line for each field of a config: its default and its description."""
    lines = ["The fields, with their defaults:\n"]
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.value, ast.Call):
            default, description = (ast.literal_eval(argument) for argument in each.value.args[1:3])
            value = "required" if default is ... else f"`{default!r}`".replace("'", '"')
            lines.append(_item(f"`{ast.unparse(each.target)}` ({value}): {description}"))
    return "\n".join(lines) + "\n"


def _docstring(node: ast.FunctionDef | ast.ClassDef) -> str:
    """The docstring as Markdown: its paragraphs, lists of arguments, and examples as code."""
    written: list[str] = []
    for block in re.split(rf"\n(?=(?:{'|'.join(_PARTS)}):)", ast.get_docstring(node) or ""):
        head, _, body = block.partition(":")
        if head not in _PARTS:
            written += [textwrap.fill(" ".join(text.split()), WIDTH) + "\n" for text in block.strip().split("\n\n")]
        elif head == "Example":
            written.append(f"```python\n{textwrap.dedent(body.strip(chr(10))).rstrip()}\n```\n")
        elif head in ("Args", "Attributes", "Raises"):
            written.append(f"{head}:\n")
            written.append("\n".join(_item(item) for item in _items(body)) + "\n")
        else:
            written.append(textwrap.fill(f"{head}: {' '.join(body.split())}", WIDTH) + "\n")
    return "\n".join(written)


def _items(body: str) -> list[str]:
    """The entries of a list in a docstring, each on one line, its name as code."""
    found = re.split(r"\n(?=\S)", textwrap.dedent(body.strip("\n")))
    return [re.sub(r"^(\**)(\w+): ", r"`\1\2`: ", " ".join(entry.split())) for entry in found]


def _item(text: str) -> str:
    return textwrap.fill(f"- {text}", WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def main(page: Path = PAGE) -> None:
    """Writes the page."""
    page.write_text(build_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
