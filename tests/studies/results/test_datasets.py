import shutil

import pytest

from fer_core.base.progress import no_progress
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.studies.results.datasets import DatasetSpec, ensure_dataset, find_dataset
from fer_core.studies.results.places import find_places
from tests.helpers.samples import make_dataset, write_ckplus, write_fer2013

SOURCES = {"fer2013": "fer2013=faces/fer2013.csv", "ckplus": "CK+48"}


def ensure(spec, places=None, name="tiny"):
    return ensure_dataset(name, spec, SOURCES, places or {}, no_progress)


def test_sources_are_found_in_the_folder_of_the_data_and_where_they_are_given(tmp_path, monkeypatch):
    path = write_fer2013(tmp_path / "faces")
    assert find_places(SOURCES, str(tmp_path), []) == {"fer2013": f"fer2013={path}"}
    monkeypatch.setenv("FER_DATA", str(tmp_path))
    elsewhere = write_ckplus(tmp_path / "elsewhere")
    assert find_places(SOURCES, None, [f"ckplus={elsewhere}"])["ckplus"] == str(elsewhere)


@pytest.mark.parametrize(
    ("folder", "given", "message"),
    [
        ("none", [], "--data: the folder"),
        (".", ["other=x"], "expected NAME=PATH with one of the names fer2013, ckplus"),
        (".", ["ckplus=none"], "--source ckplus=none: .* does not exist"),
    ],
)
def test_what_is_given_must_be_there(tmp_path, monkeypatch, folder, given, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        find_places(SOURCES, folder, given)


def test_a_missing_data_set_is_assembled_and_then_found_again(tmp_path):
    places = {"fer2013": f"fer2013={write_fer2013(tmp_path)}"}
    fingerprint = ensure(DatasetSpec(sources=("fer2013",)), places)
    made = open_dataset("tiny").info.made
    assert ensure(DatasetSpec(sources=("fer2013",))) == fingerprint
    assert open_dataset("tiny").info.made == made


def test_a_missing_source_is_named_with_the_ways_to_give_it():
    with pytest.raises(
        InputError, match=r"'tiny' needs faces/fer2013.csv, .* --data FOLDER`, .* --source fer2013=PATH`"
    ):
        ensure(DatasetSpec(sources=("fer2013",)))


def test_a_data_set_of_that_name_made_another_way_is_refused(tmp_path):
    make_dataset(tmp_path)
    with pytest.raises(InputError, match="made differently \\(split official, not 80:10:10\\)"):
        ensure(DatasetSpec(sources=("fer2013",), choices={"split": "80:10:10"}))
    with pytest.raises(InputError, match="made differently \\(1 sources, not 2\\)"):
        ensure(DatasetSpec(sources=("fer2013", "ckplus")))
    with pytest.raises(InputError, match="made differently \\(0 drawn faces, not 420\\)"):
        ensure(DatasetSpec(drawn=420))


def test_whether_near_copies_were_looked_for_makes_no_other_data_set(tmp_path):
    fingerprint = make_dataset(tmp_path).info.fingerprint
    assert ensure(DatasetSpec(sources=("fer2013",), choices={"near": False})) == fingerprint


def test_a_compressed_data_set_is_made_of_another_and_then_found_again(tmp_path):
    make_dataset(tmp_path)
    specs = {"tiny": DatasetSpec(sources=("fer2013",)), "small": DatasetSpec(of="tiny")}
    fingerprint = ensure_dataset("small", specs["small"], SOURCES, {}, no_progress, specs)
    assert fingerprint != open_dataset("tiny").info.fingerprint
    assert ensure_dataset("small", specs["small"], SOURCES, {}, no_progress, specs) == fingerprint
    with pytest.raises(InputError, match="compressed from tiny with WebP of quality 95"):
        ensure(DatasetSpec(sources=("fer2013",)), name="small")
    with pytest.raises(InputError, match="made differently"):
        ensure(DatasetSpec(of="tiny", quality=80), name="small")
    with pytest.raises(InputError, match="not compressed"):
        ensure(DatasetSpec(of="other"))


def test_a_compressed_data_set_of_another_version_of_its_source_is_refused(tmp_path):
    make_dataset(tmp_path)
    specs = {"tiny": DatasetSpec(sources=("fer2013",)), "small": DatasetSpec(of="tiny")}
    fingerprint = ensure_dataset("small", specs["small"], SOURCES, {}, no_progress, specs)
    shutil.rmtree(open_dataset("tiny").path)  # as on a borrowed machine
    assert find_dataset("small", specs["small"]) == fingerprint
    make_dataset(tmp_path, seed=1)
    assert find_dataset("small", specs["small"]) == ""
    with pytest.raises(InputError, match=r"made differently \(compressed from another version of tiny\)"):
        ensure_dataset("small", specs["small"], SOURCES, {}, no_progress, specs)


def test_rows_on_other_data_sets_are_described_as_before_there_were_compressed_ones():
    assert DatasetSpec(sources=("fer2013",)).describe() == {
        "sources": ["fer2013"], "drawn": 0, "seed": 0, "choices": {}
    }  # fmt: skip
    assert DatasetSpec(of="tiny").describe()["quality"] == 95
