import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.checks.flags import flag_faces
from fer_core.pictures.measures import MEASURES, measure_faces
from fer_core.pictures.picture import resize_face
from tests.helpers.samples import blur, pattern, write_expw, write_image

FACE = pattern(3, np.random.default_rng(0))


def flags(*faces, side_px=48):
    table = pd.DataFrame(measure_faces(np.stack(faces)), columns=list(MEASURES)).assign(side_px=side_px)
    return flag_faces(table).tolist()


def noise(low, high):
    return np.random.default_rng(1).integers(low, high, (48, 48)).astype(np.uint8)


@pytest.mark.parametrize(
    ("face", "expected"),
    [
        pytest.param(FACE, "", id="as it should be"),
        pytest.param(np.zeros((48, 48), np.uint8), "constant", id="black"),
        pytest.param(noise(130, 136), "constant", id="grey with the noise of its encoding"),
        pytest.param(FACE // 4, "dark", id="dark"),
        pytest.param(np.hstack([FACE[:, :24] // 8, FACE[:, 24:]]), "", id="one half in shadow"),
        pytest.param(FACE // 2 + 100, "", id="flat and bright"),
        pytest.param(blur(FACE), "blurred", id="blurred"),
        pytest.param(blur(FACE) // 4, "dark,blurred", id="dark and blurred"),
    ],
)
def test_a_face_has_the_flags_of_what_is_wrong_with_it(face, expected):
    assert flags(face) == [expected]


@pytest.mark.parametrize("size", [64, 96])
def test_a_face_scaled_up_by_the_assembly_is_not_blurred_for_that_and_a_blurred_one_stays_so(size):
    assert flags(*(resize_face(face, size) for face in (FACE, blur(FACE)))) == ["", "blurred"]


def test_a_face_is_tiny_by_its_side_in_the_source():
    assert flags(FACE, side_px=23) == ["tiny"]
    assert flags(FACE, side_px=24) == [""]


@given(seed=st.integers(0, 2**32 - 1), gain=st.floats(0.3, 1), offset=st.integers(0, 60))
@settings(max_examples=30, deadline=None)
def test_sharpness_is_the_same_whatever_contrast_and_brightness(seed, gain, offset):
    face = pattern(seed % 7, np.random.default_rng(seed)) * (195 / 255)
    faces = np.stack([face, face * gain + offset]).round().astype(np.uint8)
    first, second = measure_faces(faces)[:, MEASURES.index("sharpness")]
    assert second == pytest.approx(first, rel=0.05)


@pytest.mark.parametrize("part", [2, 64])
def test_every_face_is_measured_whatever_the_parts(monkeypatch, part):
    monkeypatch.setattr("fer_core.pictures.measures._PART", part)
    faces = np.stack([pattern(i % 7, np.random.default_rng(i)) for i in range(9)])
    measured = pd.DataFrame(measure_faces(faces), columns=list(MEASURES))
    for i, face in enumerate(faces):
        assert measured["contrast"][i] == pytest.approx(face.std() / 255, abs=1e-6)
        assert measured["brightness"][i] == pytest.approx(np.sort(face.ravel())[2188] / 255, abs=1e-6)
        assert measured["sharpness"][i] == pytest.approx(sharpness(face), rel=1e-5)


def sharpness(face):
    """Pixel by pixel, as the definition has it."""
    fine = face.astype(float)
    coarse = fine.reshape(24, 2, 24, 2).mean((1, 3))
    return np.sqrt(detail(fine) / detail(coarse))


def detail(grey):
    inside = range(1, len(grey) - 1)
    laplacians = [
        4 * grey[y, x] - grey[y - 1, x] - grey[y + 1, x] - grey[y, x - 1] - grey[y, x + 1]
        for y in inside
        for x in inside
    ]
    return np.mean(np.square(laplacians))


def test_votes_make_a_face_none_and_faces_without_votes_stay_unflagged():
    table = pd.DataFrame({"side_px": 48, "brightness": 1.0, "contrast": 0.2, "sharpness": 0.7}, index=range(3))
    assert flag_faces(table).tolist() == ["", "", ""]
    assert flag_faces(table.assign(vote_majority=["not-a-face", None, "happy"])).tolist() == ["not-a-face", "", ""]


def test_an_assembled_data_set_knows_the_side_that_each_face_had_in_its_source(tmp_path):
    write_image(tmp_path / "folder" / "happy" / "large.png", 1, 120)
    write_image(tmp_path / "folder" / "happy" / "small.png", 2, 20)
    sources = (("folder", str(tmp_path / "folder")), ("expw", str(write_expw(tmp_path / "expw"))))
    table = assemble(DatasetRecipe("sides", sources=sources, split="80:10:10")).table
    assert dict(zip(table["origin"].str.rpartition("/")[2], table["side_px"], strict=True)) == {
        "large.png": 120, "small.png": 20, "a party_1.png#0": 40, "a party_1.png#1": 50,
    }  # fmt: skip
    assert table["flags"].str.contains("tiny").tolist() == [False, True, False, False]
    assert table[["brightness", "contrast", "sharpness"]].dtypes.eq(np.float32).all()
