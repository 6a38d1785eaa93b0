"""Slurm's commands as scripts that answer what a test has written, and note what they were asked."""

from pathlib import Path

import pytest

from fer_core.runs import poll

COMMANDS = ("sbatch", "srun", "squeue", "scancel")


class FakeSlurm:
    """A folder of commands at the head of PATH; every command but squeue does nothing, in silence."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        folder.mkdir()
        for command in COMMANDS:
            self.answer(command, "")
        monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")

    def answer(self, command: str, text: str, code: int = 0) -> None:
        """From now on the command prints the text and ends with the code."""
        path = self.folder / command
        path.write_text(f'#!/bin/sh\necho "$@" >> {path}.asked\nprintf "{text}"\nexit {code}\n')
        path.chmod(0o755)
        poll._answers.clear()

    def asked(self, command: str) -> list[str]:
        """The arguments of each call."""
        path = self.folder / f"{command}.asked"
        return path.read_text().splitlines() if path.exists() else []
