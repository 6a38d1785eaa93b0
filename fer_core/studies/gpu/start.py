"""The script that starts a pack: `python3 PACK/start.py --out FOLDER`. It uses only Python's standard library.

It unpacks the project, wheels and initial weights into a work folder, and continues there as `fer gpu run`.
"""

from __future__ import annotations  # an older Python is to come as far as the sentence about it

import argparse
import errno
import hashlib
import importlib.util
import json
import os
import shutil
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

PACK = Path(__file__).resolve().parent
OLDEST = (3, 11)  # of Python
NEEDED = ("torch", "numpy", "pandas", "pyarrow", "PIL", "pydantic", "typer", "safetensors", "filelock", "psutil")
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


def read_manifest(pack: Path) -> dict:
    """`pack.json`; exits with a sentence if the pack is incomplete."""
    try:
        manifest = json.loads((pack / "pack.json").read_text())
        if {"id", "commit", "python", "wheels"} <= set(manifest):
            return manifest
        said = "the file is incomplete"
    except (OSError, ValueError, TypeError) as error:
        said = str(error)
    sys.exit(f"{pack / 'pack.json'} belongs to an incomplete pack ({said}). Send all files of the pack again.")


def unpack(pack: Path, work: Path, manifest: dict) -> list[str]:
    """Unpacks what is missing; returns the entries for PYTHONPATH in search order."""
    code, site = work / "code", work / "site"
    mark = work / "unpacked"
    part = pack / "code.tar.gz"
    try:
        if mark.is_file() and mark.read_text() == manifest["id"]:
            return [str(code), str(site)]
        for folder in (code, site):  # those of another pack; the workspace stays
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        with tarfile.open(part, "r:gz") as archive:
            archive.extractall(code, filter="data")
        for wheel in manifest["wheels"]:
            part = pack / "wheels" / wheel["name"]
            if hashlib.sha256(part.read_bytes()).hexdigest() != wheel["sha256"]:
                sys.exit(f"{part} is not the file that was packed. Send the pack again.")
            with zipfile.ZipFile(part) as archive:
                archive.extractall(site)
        if manifest.get("weights"):
            part = pack / "weights.zip"
            with zipfile.ZipFile(part) as archive:
                archive.extractall(work / "torch" / "hub" / "checkpoints")  # where they are looked for
        mark.write_text(manifest["id"])
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        if getattr(error, "errno", None) in UNWRITABLE:
            sys.exit(f"Nothing can be unpacked into {work} ({error}). Give another folder with --work.")
        sys.exit(f"{part} is missing or damaged ({error}). Send the pack again.")
    return [str(code), str(site)]


def refuse_bare(path: list[str]) -> None:
    """Exits with a sentence if this Python lacks packages that are not in the pack."""
    sys.path[:0] = path
    lacking = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        sys.exit(
            f"{sys.executable} lacks {', '.join(lacking)}. Use a Python that has all of them, or pack again with "
            "--package for each small one."
        )


def main() -> None:
    """Unpacks the pack, then replaces this process with `fer gpu run`."""
    parser = argparse.ArgumentParser(description="Run the packed rows and write the results to bring back.")
    parser.add_argument("--out", required=True, help="folder to bring back")
    parser.add_argument(
        "--time", default="9m", help="time for this call; half a minute is reserved for writing results (default: 9m)"
    )
    parser.add_argument("--jobs", default="3", help="parallel runs on the GPU (default: 3)")
    parser.add_argument("--home", help="folder that an earlier call brought back, to continue on another machine")
    parser.add_argument("--work", help="work folder; a call with an earlier call's folder continues it")
    given = parser.parse_args()
    began = time.time()
    manifest = read_manifest(PACK)
    if tuple(sys.version_info) < OLDEST:
        sys.exit("The project needs Python 3.11 or newer, but this is {}.{}.".format(*sys.version_info))
    here = "{}.{}".format(*sys.version_info)
    if manifest["wheels"] and here != manifest["python"]:
        sys.exit(
            f"The wheels are for Python {manifest['python']}, but this is {here}. Pack again with --python {here}."
        )
    work = Path(given.work or Path(tempfile.gettempdir()) / f"fer-gpu-{manifest['id']}").resolve()
    path = unpack(PACK, work, manifest)
    refuse_bare(path)
    os.environ["PYTHONPATH"] = os.pathsep.join(path)
    os.environ["FER_HOME"] = str(work / "workspace")
    if manifest.get("weights"):
        os.environ["TORCH_HOME"] = str(work / "torch")
    os.environ["FER_CWD"] = str(Path.cwd())
    os.environ["FER_COMMIT"] = manifest["commit"]
    home = ["--home", given.home] if given.home else []
    arguments = ["gpu", "run", str(PACK), "--out", given.out, "--time", given.time, "--jobs", given.jobs, *home]
    print(f"unpacked in {time.time() - began:.1f} s: {work}", flush=True)
    os.chdir(work / "code")
    os.execv(sys.executable, [sys.executable, "-m", "fer_core", *arguments, "--began", str(began)])


if __name__ == "__main__":
    main()
