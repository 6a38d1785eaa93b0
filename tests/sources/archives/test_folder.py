"""Archives by their path: read as the folder in them would be, without a copy of the pictures; or one sentence."""

import io
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.originals import read_originals
from fer_core.errors import InputError
from fer_core.sources.archives.folder import archive_place
from fer_core.sources.archives.upload import unpack_upload
from fer_core.sources.readers import read_source
from tests.helpers.archives import CLASSES, make_zip
from tests.helpers.samples import write_affectnet, write_ckplus, write_expw, write_fer2013, write_image

SUFFIXES = ["stored.zip", "deflated.zip", "bz2.zip", "lzma.zip", ".tar", ".tar.gz", ".tgz", ".tar.xz"]


def pack(folder, path):
    """All that lies in the folder, under the folder's own name."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    if path.suffix == ".zip":
        names = {"stored": zipfile.ZIP_STORED, "bz2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}
        with zipfile.ZipFile(path, "w", names.get(path.stem, zipfile.ZIP_DEFLATED)) as archive:
            for file in files:
                archive.write(file, file.relative_to(folder.parent))
    else:
        mode = {"r": "w", ".tgz": "w:gz", ".gz": "w:gz", ".xz": "w:xz"}.get(path.suffix, "w")
        with tarfile.open(path, mode) as archive:
            for file in files:
                archive.add(file, file.relative_to(folder.parent))
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("write", [write_ckplus, write_affectnet, write_expw])
def test_what_is_in_an_archive_is_read_as_the_folder_in_it(tmp_path, write, suffix):
    root = write(tmp_path / "in")
    archive = pack(root, tmp_path / f"faces{suffix}" if suffix[0] == "." else tmp_path / suffix)
    plain, packed = read_source("auto", root), read_source("auto", archive)
    assert packed.table.equals(plain.table)
    assert (packed.source, packed.left_out, packed.problems) == (plain.source, plain.left_out, plain.problems)
    recipes = [
        DatasetRecipe(name, sources=(("auto", str(path)),), split="80:10:10")
        for name, path in (("a", root), ("b", archive))
    ]
    assert assemble(recipes[0]).info.fingerprint == assemble(recipes[1]).info.fingerprint


@pytest.mark.parametrize("suffix", ["stored.zip", "deflated.zip", "a.tar"])
def test_no_picture_is_copied_out_of_a_zip_or_a_tar(tmp_path, suffix):
    root = write_affectnet(tmp_path / "in")
    write_image(root / "happy" / "without-suffix.png")
    (root / "happy" / "without-suffix.png").rename(root / "happy" / "without-suffix")
    (root / "labels.csv").write_text((root / "labels.csv").read_text() + "9,happy/without-suffix,happy,0.1\n")
    archive = pack(root, tmp_path / suffix)
    assert inspect_source(archive).n == 5
    sizes = {file.name: file.stat().st_size for file in archive_place(archive).rglob("*.jpg")}
    assert len(sizes) == 5
    assert not any(sizes.values())
    assert next(archive_place(archive).rglob("without-suffix")).stat().st_size < 100


def test_fer2013_is_read_in_a_zip_by_any_name(tmp_path):
    write_fer2013(tmp_path / "in", 1).rename(tmp_path / "in" / "faces.csv")
    reading = read_source("auto", pack(tmp_path / "in", tmp_path / "x.zip"))
    assert reading.pixels.shape == (7, 48, 48)


@pytest.mark.parametrize(
    ("names", "extra"),
    [
        pytest.param([f"faces/{n}" for n in CLASSES], [("README.md", "x")], id="README beside"),
        pytest.param([f"faces/{n}" for n in CLASSES], [(".DS_Store", "x"), ("__MACOSX/._faces", "x")], id="DS_Store"),
        pytest.param([n.replace("/", "\\") for n in CLASSES], [], id="backslashes"),
        pytest.param([f"./a/b/c/{n}" for n in CLASSES], [], id="three folders down"),
        pytest.param([f"Gesichter ä/{n}" for n in CLASSES], [], id="accents"),
    ],
)
def test_odd_zips_are_read(tmp_path, names, extra):
    reading = read_source("auto", make_zip(tmp_path / "x.zip", names, extra))
    assert (len(reading.table), reading.problems, reading.notes) == (14, [], [])


def test_a_name_in_utf8_is_read_where_the_zip_does_not_say_so(tmp_path):
    make_zip(tmp_path / "x.zip", ["happy/é.png"])
    data = (tmp_path / "x.zip").read_bytes()
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = data.index(mark) + at
        assert struct.unpack("<H", data[start : start + 2])[0] & 0x800
        data = data[:start] + b"\0\0" + data[start + 2 :]
    (tmp_path / "x.zip").write_bytes(data)
    assert inspect_source(tmp_path / "x.zip").n == 1
    assert read_source("auto", tmp_path / "x.zip").table["origin"].tolist() == ["happy/é.png"]


def encrypt(path):
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)


REFUSED = [
    pytest.param(lambda p: make_zip(p, ["happy/" + "n" * 300 + ".png"]), "a file name of 304 characters", id="long"),
    pytest.param(lambda p: make_zip(p, ["happy", "happy/a.png"]), "'happy' as a file and as", id="file and folder"),
    pytest.param(lambda p: make_zip(p, ["happy/a.png", "happy\\a.png"]), "two files named", id="twice"),
    pytest.param(lambda p: make_zip(p, ["/etc/a.png"]), "would be written outside its folder", id="absolute"),
    pytest.param(lambda p: encrypt(make_zip(p, ["happy/a.png"])), "is encrypted. Create it again", id="encrypted"),
    pytest.param(lambda p: p.write_bytes(b"no zip"), "is not a zip that can be unpacked", id="no zip"),
    pytest.param(lambda p: p.write_bytes(make_zip(p, CLASSES).read_bytes()[:-30]), "a truncated zip", id="cut"),
    pytest.param(lambda p: p.write_bytes(b"\n<!DOCTYPE html>"), "is a web page, not an archive", id="web page"),
    pytest.param(
        lambda p: make_zip(p, [], [("in/a.zip", "x"), ("in/b.tar", "x")]), r"2 archives \(a\.zip, b\.tar\)",
        id="zip in zip",
    ),
    pytest.param(lambda p: make_zip(p, [], [("a.zip", "x")]), r"1 archive \(a\.zip\)", id="one zip in zip"),
    pytest.param(
        lambda p: make_zip(p, [f"{part}/{name}" for part in ("faces", "masks") for name in CLASSES]),
        r"^x\.zip contains several data sets \(faces, masks\)\. Make an archive of each", id="two data sets",
    ),
    pytest.param(lambda p: make_zip(p, []), "contains no files", id="empty"),
    pytest.param(lambda p: make_zip(p, ["stray.png"], [("a.txt", "x")]), "no known layout", id="no class"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence_and_nothing_is_left_of_the_upload(tmp_path, make, message):
    make(tmp_path / "x.zip")
    with pytest.raises(InputError, match=message) as refused:
        read_source("auto", tmp_path / "x.zip")
    assert "\n" not in str(refused.value)
    assert "/archives/" not in str(refused.value)
    with pytest.raises(InputError, match=message):
        unpack_upload(io.BytesIO((tmp_path / "x.zip").read_bytes()), "x.zip", tmp_path / "uploads")
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
def test_a_tar_that_leads_outside_or_holds_a_link_is_refused(tmp_path, suffix):
    for name, kind, message in (
        ("../a.png", tarfile.REGTYPE, "outside"),
        ("happy/a", tarfile.SYMTYPE, "contains a link"),
    ):
        path = tmp_path / f"{len(name)}{suffix}"
        with tarfile.open(path, "w:gz" if suffix == ".tar.gz" else "w") as archive:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member, io.BytesIO())
        with pytest.raises(InputError, match=message):
            read_source("auto", path)
        assert not archive_place(path).exists()


def test_an_archive_that_has_changed_is_read_anew(tmp_path):
    path = make_zip(tmp_path / "x.zip", CLASSES)
    assert len(read_source("auto", path).table) == 14
    make_zip(path, [*CLASSES, "sad/more.png"])
    assert inspect_source(path).n == 15


def test_a_picture_that_is_damaged_in_the_archive_is_a_problem(tmp_path):
    path = make_zip(tmp_path / "x.zip", CLASSES)
    data = path.read_bytes()
    at = data.index(b"IDAT") + 40
    path.write_bytes(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :])
    (problem,) = inspect_source(path).problems
    assert (problem.origin, problem.message) == (
        "angry/im0.png", "it is damaged in the archive, or the archive has changed",
    )  # fmt: skip


def test_the_original_of_a_face_is_read_from_the_archive(tmp_path):
    dataset = assemble(
        DatasetRecipe("x", sources=(("auto", str(make_zip(tmp_path / "x.zip", CLASSES))),), split="80:10:10")
    )
    originals = dict(read_originals(dataset, np.arange(3)))
    assert sorted(originals) == [0, 1, 2]
    assert np.array_equal(np.asarray(originals[0].convert("L")), dataset.faces[0])
