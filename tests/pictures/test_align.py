from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fer_core.datasets.assembling import decode
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.decode import Target, decode_arrays
from fer_core.datasets.assembling.recipe import DatasetRecipe, read_recipe
from fer_core.datasets.face_file import FaceFile
from fer_core.errors import InputError
from fer_core.pictures import align, detector
from fer_core.pictures.align import align_face
from fer_core.pictures.crop import crop_face
from fer_core.pictures.detector import FaceBox, detect_in_pixels
from fer_core.sources.demo.people import make_demo_faces
from tests.helpers.photo import draw_photo
from tests.helpers.samples import write_image

DRAWN = make_demo_faces(14, n_subjects=2, size=48, seed=3).faces


def find_middle(face):
    """Where eyes and mouth lie in a square grey face: x and y of their middle and their distance, as shares of it."""
    (box,) = detect_in_pixels(np.repeat(face[..., None], 3, 2), side_px=192)
    eyes, mouth = box.landmarks[:2].mean(0), box.landmarks[3:].mean(0)
    return [*((eyes + mouth) / 2 / len(face)), float(np.hypot(*(mouth - eyes))) / len(face)]


@pytest.mark.parametrize(
    ("turned", "box"), [(0, (0, 0, 640, 640)), (20, (60, 40, 560, 600)), (-20, (100, 0, 640, 500))]
)
def test_eyes_and_mouth_come_to_the_same_places_however_the_face_lies_in_its_picture(turned, box):
    photo = draw_photo(("happy",), seed=4).convert("L").rotate(turned, Image.Resampling.BICUBIC, fillcolor=128)
    face = align_face(np.asarray(photo.crop(box)), 96).face
    assert face.shape == (96, 96)
    assert find_middle(face) == pytest.approx([0.5, 0.58, 0.35], abs=0.04)


def test_a_small_picture_without_a_face_is_looked_at_twice_and_a_large_one_at_its_own_size(monkeypatch):
    looks = []
    monkeypatch.setattr(align, "detect_in_pixels", lambda pixels, side_px: looks.append(side_px) or [])
    assert align_face(np.zeros((48, 48), np.uint8), 48) is None
    assert align_face(np.zeros((300, 400), np.uint8), 48) is None
    assert align_face(np.zeros((3000, 4000), np.uint8), 48) is None
    assert looks == [128, 192, 128, 400, 128, 640]


def test_of_several_faces_the_largest_is_taken(monkeypatch):
    marks = np.array([[30, 30], [50, 30], [40, 40], [32, 50], [48, 50]], dtype=float)
    small, large = (
        FaceBox(left=0, top=0, right=20, bottom=20, score=0.9, landmarks=marks / 2),
        FaceBox(left=10, top=10, right=70, bottom=70, score=0.6, landmarks=marks),
    )
    grey = np.random.default_rng(0).integers(0, 256, (100, 100)).astype(np.uint8)
    monkeypatch.setattr(align, "detect_in_pixels", lambda pixels, side_px: [small, large])
    assert np.array_equal(align_face(grey, 48).face, crop_face(Image.fromarray(grey), large, 48))


@pytest.fixture
def recipe(tmp_path):
    """Drawn faces as images and, in a source of its own, as pixels in a CSV; in each one picture without a face."""
    for i, face in enumerate(DRAWN):
        (tmp_path / "images" / "happy").mkdir(parents=True, exist_ok=True)
        Image.fromarray(face).save(tmp_path / "images" / "happy" / f"{i:02d}.png")
    write_image(tmp_path / "images" / "sad" / "noise.png")
    rows = [f"{i % 7},{' '.join(map(str, face.ravel()))}" for i, face in enumerate([*DRAWN, np.zeros((48, 48), int)])]
    (tmp_path / "fer2013.csv").write_text("\n".join(["emotion,pixels", *rows]) + "\n")
    sources = (("folder", str(tmp_path / "images")), ("fer2013", str(tmp_path / "fer2013.csv")))
    return DatasetRecipe("aligned", sources=sources, split="80:10:10", align=True)


def test_faces_are_aligned_from_images_and_pixels_alike_and_the_rest_keep_their_crop_and_are_counted(recipe):
    aligned, plain = assemble(recipe), assemble(replace(recipe, name="plain", align=False))
    found = aligned.table["aligned"].to_numpy()
    assert aligned.info.to_document()["alignment"] == {
        "folder": {"found": 14, "not_found": 1},
        "fer2013": {"found": 14, "not_found": 1},
    }
    assert aligned.table.loc[~found, "origin"].tolist() == ["sad/noise.png", "row 15"]
    assert np.array_equal(aligned.faces[~found], plain.faces[~found])
    assert (aligned.faces[found] != plain.faces[found]).any((1, 2)).all()
    assert np.array_equal(aligned.faces[:14], aligned.faces[15:29])  # the same pictures by two ways
    assert aligned.table["sha256"].tolist() == plain.table["sha256"].tolist()
    assert "aligned" not in plain.table
    assert not plain.info.alignment


def test_aligning_twice_gives_the_same_data_set(recipe):
    again = assemble(replace(recipe, name="again"))
    assert assemble(recipe).info.fingerprint == again.info.fingerprint


@pytest.mark.slow
def test_several_processes_align_as_one_does(tmp_path, monkeypatch):
    monkeypatch.setattr(decode, "_CHUNK", 7)
    one, several = (FaceFile(tmp_path / name, 48) for name in ("one.npy", "several.npy"))
    one.create(len(DRAWN))
    several.create(len(DRAWN))
    told = list(decode_arrays(DRAWN, Target(48, align=True, file=one)))
    monkeypatch.setattr(decode, "_FEW", 1)
    again = list(decode_arrays(DRAWN, Target(48, align=True, file=several)))
    assert [chunk.aligned for chunk in again] == [chunk.aligned for chunk in told] == [[True] * 7] * 2
    assert np.array_equal(one.open(), several.open())
    assert one.open().any((1, 2)).all()


def test_a_finder_that_is_not_installed_is_told_once_and_not_image_by_image(recipe, monkeypatch):
    monkeypatch.setattr(detector.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="Run make setup"):
        assemble(replace(recipe, skip_bad=True))


def test_a_recipe_from_before_alignment_has_none():
    assert read_recipe({"name": "x", "sources": [["auto", "/x"]]}).align is False
