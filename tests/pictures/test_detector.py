import numpy as np
import pytest
from PIL import Image

from fer_core.errors import InputError
from fer_core.pictures import detector
from fer_core.pictures.crop import crop_face
from fer_core.pictures.detector import FaceBox, decode_faces, detect_faces
from tests.helpers.photo import draw_photo


def test_one_warm_cell_is_decoded_to_its_box_and_points():
    heat, scale = np.zeros((8, 8)), np.full((2, 8, 8), np.log(4.0))
    heat[3, 5] = 0.9
    offset, marks = np.zeros((2, 8, 8)), np.full((10, 8, 8), 0.5)
    (row,) = decode_faces(heat, scale, offset, marks, 0.5)
    middle_x, middle_y = 5.5 * 4, 3.5 * 4
    assert row[:5].tolist() == pytest.approx([middle_x - 8, middle_y - 8, middle_x + 8, middle_y + 8, 0.9])
    assert row[5:].reshape(5, 2).tolist() == pytest.approx(np.array([[middle_x, middle_y]] * 5))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_it_finds_the_drawn_people_the_largest_first(n):
    photo = draw_photo(("happy", "sad", "angry")[:n], seed=1)
    found = detect_faces(photo)
    assert len(found) == n
    assert [box.area for box in found] == sorted((box.area for box in found), reverse=True)
    for box in found:
        assert 0 <= box.left < box.right <= photo.width
        assert 0 <= box.top < box.bottom <= photo.height
        left_eye, right_eye = box.landmarks[:2]
        assert left_eye[0] < right_eye[0]
        assert box.landmarks[3:, 1].mean() > box.landmarks[:2, 1].mean()


def test_where_nothing_is_found_it_looks_again_with_a_border_and_tells_the_place_in_the_photo(monkeypatch):
    looks = []

    def detect(pixels, min_score):
        looks.append(pixels.shape)
        return (
            []
            if len(looks) == 1
            else [FaceBox(left=75, top=45, right=95, bottom=70, score=0.9, landmarks=np.full((5, 2), 80.0))]
        )

    monkeypatch.setattr(detector, "detect_in_pixels", detect)
    (box,) = detect_faces(Image.new("RGB", (100, 60)))
    assert looks == [(60, 100, 3), (130, 170, 3)]
    assert (box.left, box.top, box.right, box.bottom) == (40, 10, 60, 35)
    assert box.landmarks[0].tolist() == [45, 45]


def test_an_empty_wall_has_no_face():
    assert detect_faces(Image.new("RGB", (300, 200), "grey")) == []


def test_a_tilted_face_is_cut_upright():
    marks = np.array([[40, 50], [60, 50], [50, 60], [43, 72], [57, 72]], dtype=float)
    angle = np.radians(25)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = (marks - 50) @ turn.T + 50
    photo = Image.new("L", (100, 100))
    for x, y in turned[:2]:
        photo.paste(255, (round(x) - 2, round(y) - 2, round(x) + 3, round(y) + 3))
    crop = crop_face(photo, FaceBox(left=20, top=20, right=80, bottom=90, score=1.0, landmarks=turned), 48)
    rows = [np.flatnonzero(half.max(1) > 100).mean() for half in (crop[:, :24], crop[:, 24:])]
    assert crop.shape == (48, 48)
    assert abs(rows[0] - rows[1]) < 2


def test_without_a_box_the_middle_square_is_taken():
    wide = np.zeros((50, 150), np.uint8)
    wide[:, 50:100] = 200
    assert np.abs(crop_face(Image.fromarray(wide), None, 48).astype(int) - 200).max() <= 2


def test_a_missing_detector_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(detector.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="Run make setup"):
        detector.find_model()
