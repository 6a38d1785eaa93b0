"""`make commands`: docs/commands.md, made from the help of the commands themselves."""

import textwrap
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

import typer.main

from fer_core.cli import app
from tests.helpers.project import ROOT

PAGE = ROOT / "docs" / "commands.md"
WIDTH = 118
_HEAD = """# Commands

Every command of `fer` with its options, as `fer COMMAND --help` gives them. [guide.md](guide.md) shows them at work.
Reading commands take `--json`, which prints one JSON document and nothing else on stdout; an error is a sentence on
stderr, with exit code 2 for wrong input and 1 for a failure.

`make commands` makes this page from the help texts. To change a text, change the help and run it again.
"""


def build_page() -> str:
    """The text of docs/commands.md."""
    commands = list(list_commands())
    sections = dict.fromkeys(_section(name) for name, _ in commands)
    parts = [_HEAD]
    for section in sections:
        parts.append(f"## {section}\n")
        parts += [_describe(name, command) for name, command in commands if _section(name) == section]
    return "\n".join(parts).rstrip() + "\n"


def list_commands() -> Iterator[tuple[str, Any]]:
    """(name, command) of every command that is not hidden, such as "fer data assemble"."""
    yield from _walk("fer", typer.main.get_command(app))


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for word, inner in command.commands.items():
        if not inner.hidden:
            yield from _walk(f"{name} {word}", inner)
    if command.params and command.invoke_without_command:  # a group that also does something by itself
        yield name, command


def _section(name: str) -> str:
    return " ".join(name.split()[:2]) if len(name.split()) > 2 or name == "fer kfold" else "fer"


def _describe(name: str, command: Any) -> str:
    arguments = [p.name.upper() for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    usage = " ".join([name, *arguments, *(["[OPTIONS]"] if options else [])])
    lines = [f"### `{usage}`\n", *(f"{_wrap(text)}\n" for text in cleandoc(command.help or "").split("\n\n"))]
    lines += [_wrap(f"`{_spell(option)}`: {_explain(option)}", "- ", "  ") for option in options]
    return "\n".join(lines) + ("\n" if options else "")


def _explain(option: Any) -> str:
    """Its help; of --json, which the page's head explains, the first sentence alone."""
    return option.help.partition(".")[0] if option.name == "json" else option.help or "see above"


def _spell(option: Any) -> str:
    names = " / ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {option.opts[0].strip('-').upper().replace('-', '_')}"


def _wrap(text: str, first: str = "", later: str = "") -> str:
    text = " ".join(text.split())
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )


if __name__ == "__main__":
    PAGE.write_text(build_page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
