"""The command `fer`, called in this process."""

import sys

import pytest

from fer_core.cli import main


def call(capsys, *arguments):
    """(exit code, stdout, stderr) of `fer ARGUMENTS`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["fer", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as error:
            code = error.code
    out, err = capsys.readouterr()
    return code, out, err
