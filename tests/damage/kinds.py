"""Ways in which a file can be damaged: each takes the path of a whole file and leaves something else there."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path


def _cut(path: Path) -> None:
    content = path.read_bytes()
    _replace(path, content[: len(content) // 2])


def _replace(path: Path, content: bytes) -> None:
    path.unlink()  # never into it: a copy may be a hard link
    path.write_bytes(content)


def _fill(content: bytes) -> Callable[[Path], None]:
    return lambda path: _replace(path, content)


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _make_dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nowhere") / "nothing")


def _make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _make_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _add_fields(path: Path) -> None:
    """What a newer version may write: more fields, in every object of a JSON document and in every line."""
    if path.suffix in (".json", ".jsonl"):
        lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
        _replace(path, "".join(f"{json.dumps(_with_field(json.loads(line)))}\n" for line in lines).encode())


def _with_field(document: object) -> object:
    return {**document, "of_a_newer_version": {"more": [1, None]}} if isinstance(document, dict) else document


KINDS: dict[str, Callable[[Path], None]] = {
    "cut in half": _cut,
    "empty": _fill(b""),
    "garbage": _fill(bytes(range(256)) * 8),
    "a folder": _make_folder,
    "a dangling link": _make_dangling_link,
    "a pipe": _make_pipe,
    "a link to itself": _make_loop,
    "null": _fill(b"null\n"),
    "a list": _fill(b'[{"a": 1}, 2]\n'),
    "a text": _fill(b'"run.json"\n'),
    "a number": _fill(b"17\n"),
    "deep nesting": _fill(b"[" * 100_000 + b"]" * 100_000 + b"\n"),
    "an empty object": _fill(b"{}\n"),
    "a newer version": _add_fields,
    "missing": Path.unlink,
}


def copy_linked(source: str, target: str) -> None:
    """For shutil.copytree: links large files, which are replaced and never written into."""
    if source.endswith((".safetensors", ".pt", ".npy")):
        Path(target).hardlink_to(source)
    else:
        shutil.copyfile(source, target)
