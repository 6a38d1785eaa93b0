"""What a pack is started with: `python3 PACK/start.py --out FOLDER`. Python's own library alone, and no import of ours.

It unpacks the project, wheels and first weights into a work folder, and goes on there as `fer gpu run`.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

PACK = Path(__file__).resolve().parent


def unpack(pack: Path, work: Path, manifest: dict) -> list[str]:
    """Unpacks what is not there yet; returns the entries for PYTHONPATH, the first to look at first."""
    code, site = work / "code", work / "site"
    mark = work / "unpacked"
    if not mark.is_file() or mark.read_text() != manifest["id"]:
        for folder in (code, site):  # those of another pack; the workspace stays
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        with tarfile.open(pack / "code.tar.gz") as archive:
            archive.extractall(code, filter="data")
        for wheel in manifest["wheels"]:
            data = (pack / "wheels" / wheel["name"]).read_bytes()
            if hashlib.sha256(data).hexdigest() != wheel["sha256"]:
                sys.exit(f"{wheel['name']} is not the file that was packed. Pack it again.")
            with zipfile.ZipFile(pack / "wheels" / wheel["name"]) as archive:
                archive.extractall(site)
        if manifest.get("weights"):
            with zipfile.ZipFile(pack / "weights.zip") as archive:
                archive.extractall(work / "torch" / "hub" / "checkpoints")  # where they are looked for
        mark.write_text(manifest["id"])
    return [str(code), str(site)]


def main() -> None:
    """Unpacks, and becomes `fer gpu run`."""
    parser = argparse.ArgumentParser(description="Runs what was packed, and writes what is to be brought home.")
    parser.add_argument("--out", required=True, help="folder that is brought home")
    parser.add_argument("--time", default="9m", help="of this call; half a minute of it is kept for the writing (9m)")
    parser.add_argument("--jobs", default="3", help="trainings at a time on the GPU (3)")
    parser.add_argument("--home", help="folder that came home from an earlier call, to go on with on another machine")
    parser.add_argument("--work", help="folder to work in; one of an earlier call is gone on with")
    given = parser.parse_args()
    began = time.time()
    manifest = json.loads((PACK / "pack.json").read_text())
    here = "{}.{}".format(*sys.version_info)
    if manifest["wheels"] and here != manifest["python"]:
        sys.exit(f"The wheels are for Python {manifest['python']}, this is {here}. Pack again with --python {here}.")
    work = Path(given.work or Path(tempfile.gettempdir()) / f"fer-gpu-{manifest['id']}").resolve()
    path = unpack(PACK, work, manifest)
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
