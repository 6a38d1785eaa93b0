"""How a pack that did not arrive whole is answered, by what starts it there."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from fer_core.errors import InputError
from fer_core.studies.gpu.pack import read_manifest as read_at_home
from fer_core.studies.gpu.start import NEEDED, read_manifest, refuse_bare, unpack


@pytest.fixture
def sent(tmp_path):
    """A pack of one file, one wheel and first weights; returns its folder and manifest."""
    folder = tmp_path / "pack"
    (folder / "wheels").mkdir(parents=True)
    with tarfile.open(folder / "code.tar.gz", "w:gz") as archive:
        data = hashlib.sha256(b"x").hexdigest().encode() * 200
        info = tarfile.TarInfo("fer_core/__init__.py")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    for name in ("wheels/a-1-py3-none-any.whl", "weights.zip"):
        with ZipFile(folder / name, "w") as archive:
            archive.writestr("a.py", "")
    digest = hashlib.sha256((folder / "wheels" / "a-1-py3-none-any.whl").read_bytes()).hexdigest()
    wheels = [{"name": "a-1-py3-none-any.whl", "n_bytes": 1, "sha256": digest}]
    return folder, {"id": "i", "commit": "c", "python": "3.12", "wheels": wheels, "weights": ["a.py"]}


def test_a_whole_pack_is_unpacked_once(sent, tmp_path):
    code, site = unpack(*sent[:1], tmp_path / "work", sent[1])
    assert (Path(code) / "fer_core" / "__init__.py").is_file() and (Path(site) / "a.py").is_file()
    (sent[0] / "code.tar.gz").unlink()
    assert unpack(sent[0], tmp_path / "work", sent[1]) == [code, site]


@pytest.mark.parametrize("n_bytes", [None, 0, 20, 60])
@pytest.mark.parametrize("name", ["code.tar.gz", "wheels/a-1-py3-none-any.whl", "weights.zip"])
def test_a_file_that_is_missing_or_cut_is_named(sent, tmp_path, name, n_bytes):
    path = sent[0] / name
    data = path.read_bytes()
    path.unlink()
    if n_bytes is not None:
        path.write_bytes(data[:n_bytes])
    with pytest.raises(SystemExit, match=rf"{path.name} is .*Send the pack again"):
        unpack(sent[0], tmp_path / "work", sent[1])
    path.write_bytes(data)
    assert unpack(sent[0], tmp_path / "work", sent[1])


@pytest.mark.parametrize("text", [None, "", "{}", "[]", "null", '{"id": "i", "rows": []}'])
def test_a_manifest_that_is_not_whole_is_refused_there_and_at_home(tmp_path, text):
    if text is not None:
        (tmp_path / "pack.json").write_text(text)
    with pytest.raises(SystemExit, match=r"belongs to an incomplete pack .*Send all files"):
        read_manifest(tmp_path)
    with pytest.raises(InputError):
        read_at_home(tmp_path)


def test_a_folder_that_cannot_be_written_is_told_with_the_option_for_another(sent, monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(SystemExit, match="Give another folder with --work"):
        unpack(sent[0], tmp_path / "work", sent[1])


def test_packages_that_this_python_lacks_are_named_before_anything_starts(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    refuse_bare([])
    monkeypatch.setattr("fer_core.studies.gpu.start.NEEDED", (*NEEDED, "no_such_package"))
    with pytest.raises(SystemExit, match=r"lacks no_such_package\. .*--package"):
        refuse_bare([])


@pytest.mark.slow
def test_what_is_looked_for_is_what_a_training_imports():
    modules = "fer_core.cli.gpu, fer_core.studies.gpu.work, fer_core.training.trainer"
    code = f"import sys, json, {modules}; print(json.dumps(list(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(NEEDED) <= set(json.loads(answer.stdout))
