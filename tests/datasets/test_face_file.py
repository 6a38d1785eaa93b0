import sys

import numpy as np
import psutil
import pytest

from fer_core.datasets.face_file import FaceFile, map_chunks, read_chunks

FACES = np.random.default_rng(0).integers(0, 256, (2500, 8, 8), dtype=np.uint8)


@pytest.fixture
def file(tmp_path):
    """A file with nine places."""
    made = FaceFile(tmp_path / "faces.npy", 8)
    made.create(9)
    return made


def test_faces_stand_in_their_places_whatever_the_order_they_are_written_in(file):
    for place in (4, 0, 2):
        file.write(place, FACES[place : place + 2])
    assert np.array_equal(file.open()[:6], FACES[:6])
    assert file.open().shape == (9, 8, 8)


def test_a_place_that_nobody_fills_is_black(file):
    file.write(1, FACES[1:9])
    assert not file.open()[0].any()


def test_making_a_file_anew_leaves_nothing_of_the_one_before(file):
    file.write(0, FACES[:9])
    file.create(20)
    assert not file.open().any()


def test_a_file_may_have_no_place_at_all(file):
    file.create(0)
    file.write(0, FACES[:0])
    assert np.load(file.path).shape == (0, 8, 8)


@pytest.mark.parametrize(
    ("place", "faces"),
    [
        pytest.param(0, FACES[:1, :7, :7], id="side"),
        pytest.param(0, FACES[:1].astype(float), id="type"),
        pytest.param(8, FACES[:2], id="beyond the last place"),
    ],
)
def test_what_does_not_fit_the_places_is_not_written(file, place, faces):
    with pytest.raises(AssertionError):
        file.write(place, faces)
    assert not file.open().any()


def test_faces_that_are_a_view_of_others_are_written_as_they_are_seen(file):
    file.write(0, FACES[:9, :, ::-1])
    assert np.array_equal(file.open(), FACES[:9, :, ::-1])


@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("rows", [None, np.random.default_rng(1).permutation(2500)[:2100]])
def test_chunks_are_all_faces_in_the_order_asked_for(tmp_path, monkeypatch, mapped, rows):
    monkeypatch.setattr("fer_core.datasets.face_file._PAGES_KEPT", 1)  # the pages are given back at every chunk
    np.save(tmp_path / "faces.npy", FACES)
    faces = np.load(tmp_path / "faces.npy", mmap_mode="r") if mapped else FACES
    chunks = [(start, chunk.copy()) for start, chunk in read_chunks(faces, rows)]
    assert np.array_equal(np.concatenate([chunk for _, chunk in chunks]), FACES if rows is None else FACES[rows])
    assert [start for start, _ in chunks] == list(range(0, 2500 if rows is None else 2100, 256))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much of a process's memory is a file's")
def test_a_file_is_read_in_less_memory_than_it_is_large(tmp_path, monkeypatch):
    monkeypatch.setattr("fer_core.datasets.face_file._PAGES_KEPT", 1 << 20)
    np.save(tmp_path / "faces.npy", np.tile(FACES, (200, 1, 1)))  # 32 MB
    faces = np.load(tmp_path / "faces.npy", mmap_mode="r")
    before = psutil.Process().memory_info().shared
    grown = [psutil.Process().memory_info().shared - before for _, chunk in read_chunks(faces) if chunk.sum()]
    assert 0 < max(grown) < 8 << 20


@pytest.mark.parametrize("n", [0, 1, 2500])
def test_what_is_computed_of_chunks_comes_back_in_the_order_of_the_rows(monkeypatch, n):
    monkeypatch.setattr("fer_core.datasets.face_file.n_cores", lambda: 3)
    rows = np.random.default_rng(2).permutation(2500)[:n]
    assert np.array_equal(map_chunks(lambda chunk: chunk.sum((1, 2)), FACES, rows), FACES[rows].sum((1, 2)))
