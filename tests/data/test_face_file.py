import sys

import numpy as np
import psutil
import pytest

from fer_core.data.face_file import FaceWriter, map_chunks, read_chunks

FACES = np.random.default_rng(0).integers(0, 256, (2500, 8, 8), dtype=np.uint8)


@pytest.mark.parametrize("n", [0, 9, 2500])
def test_appended_faces_are_a_numpy_file_of_as_many(tmp_path, n):
    with FaceWriter(tmp_path / "faces.npy", 8) as writer:
        for start in range(0, n, 7):
            writer.append(FACES[start : min(start + 7, n)])
    assert writer.n == n
    assert np.array_equal(np.load(tmp_path / "faces.npy", mmap_mode="r" if n else None), FACES[:n])


@pytest.mark.parametrize("faces", [FACES[:, :7, :7], FACES.astype(float)], ids=["side", "type"])
def test_faces_of_another_side_or_type_are_no_faces_of_this_file(tmp_path, faces):
    with FaceWriter(tmp_path / "faces.npy", 8) as writer, pytest.raises(AssertionError):
        writer.append(faces)


def test_faces_that_are_a_view_of_others_are_written_as_they_are_seen(tmp_path):
    with FaceWriter(tmp_path / "faces.npy", 8) as writer:
        writer.append(FACES[::2, :, ::-1])
    assert np.array_equal(np.load(tmp_path / "faces.npy"), FACES[::2, :, ::-1])


@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("rows", [None, np.random.default_rng(1).permutation(2500)[:2100]])
def test_chunks_are_all_faces_in_the_order_asked_for(tmp_path, monkeypatch, mapped, rows):
    monkeypatch.setattr("fer_core.data.face_file._PAGES_KEPT", 1)  # the pages are given back at every chunk
    np.save(tmp_path / "faces.npy", FACES)
    faces = np.load(tmp_path / "faces.npy", mmap_mode="r") if mapped else FACES
    chunks = [(start, chunk.copy()) for start, chunk in read_chunks(faces, rows)]
    assert np.array_equal(np.concatenate([chunk for _, chunk in chunks]), FACES if rows is None else FACES[rows])
    assert [start for start, _ in chunks] == list(range(0, 2500 if rows is None else 2100, 256))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much of a process's memory is a file's")
def test_a_file_is_read_in_less_memory_than_it_is_large(tmp_path, monkeypatch):
    monkeypatch.setattr("fer_core.data.face_file._PAGES_KEPT", 1 << 20)
    np.save(tmp_path / "faces.npy", np.tile(FACES, (200, 1, 1)))  # 32 MB
    faces = np.load(tmp_path / "faces.npy", mmap_mode="r")
    before = psutil.Process().memory_info().shared
    grown = [psutil.Process().memory_info().shared - before for _, chunk in read_chunks(faces) if chunk.sum()]
    assert 0 < max(grown) < 8 << 20


@pytest.mark.parametrize("n", [0, 1, 2500])
def test_what_is_computed_of_chunks_comes_back_in_the_order_of_the_rows(monkeypatch, n):
    monkeypatch.setattr("fer_core.data.face_file.n_cores", lambda: 3)
    rows = np.random.default_rng(2).permutation(2500)[:n]
    assert np.array_equal(map_chunks(lambda chunk: chunk.sum((1, 2)), FACES, rows), FACES[rows].sum((1, 2)))
