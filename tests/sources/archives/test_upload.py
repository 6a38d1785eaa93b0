import io
import zipfile

import pytest

from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.errors import InputError
from fer_core.sources.archives import members
from fer_core.sources.archives.upload import unpack_upload
from tests.helpers.samples import write_ckplus, write_fer2013


def make_zip(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer


def test_a_zip_of_a_folder_is_that_folder(tmp_path):
    root = write_ckplus(tmp_path)
    members = {f"mine/{p.relative_to(root.parent)}": p.read_bytes() for p in root.rglob("*.png")}
    path = unpack_upload(make_zip(members), "faces.zip", tmp_path / "uploads")
    assert inspect_source(path).source == "ckplus"
    assert inspect_source(path).n == 9


def test_a_csv_is_kept_under_its_name_and_only_once(tmp_path):
    data = write_fer2013(tmp_path).read_bytes()
    first, again = (unpack_upload(io.BytesIO(data), "C:\\x\\fer2013.csv", tmp_path / "up") for _ in range(2))
    assert first == again
    assert first.name == "fer2013.csv"
    assert first.read_bytes() == data


@pytest.mark.parametrize("name", ["../evil.png", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil"])
def test_a_zip_that_leads_outside_is_refused_whole(tmp_path, name):
    with pytest.raises(InputError, match="would be written outside its folder"):
        unpack_upload(make_zip({"happy/a.png": b"x", name: b"x"}), "faces.zip", tmp_path / "uploads")
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_link_in_a_zip_is_refused(tmp_path):
    link = zipfile.ZipInfo("happy/link")
    link.external_attr = 0o120777 << 16
    with pytest.raises(InputError, match="contains a link"):
        unpack_upload(make_zip({link: b"/etc/passwd"}), "faces.zip", tmp_path / "uploads")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(members, "MAX_UNPACKED_GB", 0.001)
    with pytest.raises(InputError, match="claims to unpack to"):
        unpack_upload(make_zip({"a": b"0" * 2_000_000}), "faces.zip", tmp_path / "uploads")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [("a.rar", b"x", "neither a .csv nor a .zip"), ("a.zip", b"no zip", "is not a zip that can be unpacked")],
)
def test_what_is_no_archive_is_refused(tmp_path, name, data, message):
    with pytest.raises(InputError, match=message):
        unpack_upload(io.BytesIO(data), name, tmp_path / "uploads")
