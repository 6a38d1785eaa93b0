"""The form of a group of commands: plain help. Rich's would take half of the time of `fer --help` to import."""

import typer

_WIDTH = 110  # of help, where the terminal is that wide


def make_group(help: str) -> typer.Typer:
    """A group of commands, the help of which is `help`; without a command it shows its help."""
    return typer.Typer(
        help=help,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"max_content_width": _WIDTH},
    )
