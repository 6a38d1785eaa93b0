import numpy as np
import pytest

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.pictures.picture import pixels_sha256
from fer_core.sources import known_faces
from fer_core.sources.classes import ORDERS, Classes
from fer_core.sources.known_faces import find_known, format_listed, is_marked
from fer_core.sources.readers import fer2013, read_source, recognise

RNG = np.random.default_rng(5)
FACES = RNG.integers(0, 256, (600, 48, 48)).astype(np.uint8)
LABELS = np.arange(600) % 7


@pytest.fixture
def known(tmp_path, monkeypatch):
    """FACES are what FER2013 is."""
    file = tmp_path / "known.txt"
    named = enumerate(zip(FACES, LABELS, strict=True), start=1)
    file.write_text(format_listed((pixels_sha256(face), int(label), row) for row, (face, label) in named))
    monkeypatch.setattr(known_faces, "_FILE", file)
    known_faces._listed.cache_clear()
    yield
    known_faces._listed.cache_clear()


def write_csv(path, rows, labels, faces=FACES):
    lines = [f"{labels[i]},{' '.join(map(str, faces[i].ravel()))}" for i in rows]
    path.write_text("\n".join(["label,pixels", *lines]))
    return path


def marked():
    return [i for i, face in enumerate(FACES) if is_marked(pixels_sha256(face))]


def test_a_shuffled_part_of_known_faces_is_known_under_any_name_and_mixed_with_others_is_not(known, tmp_path):
    rows = RNG.permutation(600)[:550]
    assert find_known(FACES[rows]).is_fer2013
    assert not find_known(FACES[::-1, ::-1]).is_fer2013
    mixture = np.concatenate([FACES[:300], RNG.integers(0, 256, (300, 48, 48)).astype(np.uint8)])
    assert not find_known(mixture).is_fer2013
    path = write_csv(tmp_path / "mine.csv", marked(), LABELS)
    assert recognise(path)[0] == "fer2013"


def test_known_faces_have_their_own_order_whatever_numbers_are_there(known, tmp_path):
    rows = [i for i in range(600) if LABELS[i] in (2, 3, 4, 5)]
    reading = read_source("auto", write_csv(tmp_path / "two.csv", rows, LABELS))
    assert (reading.source, set(reading.table["expression"])) == ("fer2013", {"fear", "happy", "sad", "surprise"})


def test_known_faces_under_other_numbers_are_refused_until_a_person_says_what_they_mean(known, tmp_path):
    alphabetical = np.array([0, 1, 2, 3, 5, 6, 4])[LABELS]  # neutral before sad and surprise
    path = write_csv(tmp_path / "sorted.csv", [*marked() * 3, *range(50)], alphabetical)
    with pytest.raises(InputError, match="not in FER2013's order"):
        read_source("auto", path)
    said = Classes((("4", "neutral"), ("5", "sad"), ("6", "surprise")), "fer2013")
    assert read_source("auto", path, said).table["expression"].isin(["neutral"]).any()
    (tmp_path / "legend.csv").write_text("0,angry\n1,disgust\n2,fear\n3,happy\n4,neutral\n5,sad\n6,surprise\n")
    assert "numbers are read by legend.csv" in read_source("auto", path).notes


def few_listed():
    return [i for i in marked() if LABELS[i] != 6][:4] + [i for i in range(600) if LABELS[i] != 6][:50]


def test_a_few_known_faces_numbered_one_on_are_refused_and_a_legend_that_fits_them_is_followed(known, tmp_path):
    path = write_csv(tmp_path / "part.csv", few_listed(), LABELS + 1)
    with pytest.raises(InputError, match=r"only 0% of the recognised ones have FER2013's number"):
        read_source("auto", path)
    (tmp_path / "legend.csv").write_text("".join(f"{i},{name}\n" for i, name in enumerate(EXPRESSIONS, 1)))
    reading = read_source("auto", path)
    assert reading.table["expression"].tolist() == [EXPRESSIONS[LABELS[i]] for i in few_listed()]
    (tmp_path / "legend.csv").write_text("".join(f"{i},{name}\n" for i, name in enumerate(EXPRESSIONS[::-1], 1)))
    with pytest.raises(InputError, match=r"the class given in legend\.csv"):
        read_source("auto", path)


def test_known_faces_in_their_own_order_keep_it_beside_a_legend_of_another_set(known, tmp_path):
    (tmp_path / "legend.csv").write_text("".join(f"{i},{name}\n" for i, name in ORDERS["affectnet"].items()))
    reading = read_source("auto", write_csv(tmp_path / "mine.csv", range(600), LABELS))
    assert reading.table["expression"].tolist() == [EXPRESSIONS[label] for label in LABELS]
    assert "numbers are read in fer2013's order; legend.csv beside it is not used" in reading.notes


def test_known_faces_with_a_few_labels_corrected_keep_their_order(known, tmp_path):
    corrected = LABELS.copy()
    corrected[[marked()[0], *range(20)]] = 3
    path = write_csv(tmp_path / "corrected.csv", range(600), corrected)
    assert (read_source("auto", path).table["expression"] == "happy").sum() > 86


def test_two_known_faces_are_enough_where_one_tells_the_order_from_the_alphabets(known, tmp_path):
    early, late = ([i for i in marked() if (LABELS[i] < 4) == is_early] for is_early in (True, False))
    others = [i for i in range(600) if i not in marked()][:50]
    assert read_source("auto", write_csv(tmp_path / "a.csv", [early[0], late[0], *others], LABELS)).source == "fer2013"
    with pytest.raises(InputError, match="not in FER2013's order"):
        read_source("auto", write_csv(tmp_path / "b.csv", [*early[:3], *others], LABELS))


def test_the_list_names_the_rows_of_each_face(known):
    found = find_known(FACES)
    assert sorted(found.rows) == marked()
    assert all(rows == (i + 1,) for i, rows in found.rows.items())


def test_the_list_that_comes_along_has_one_face_in_64():
    lines = known_faces._FILE.read_text().splitlines()
    assert 400 < len(lines) < 600
    assert all(len(line.split()) == 3 and is_marked(line) for line in lines)


def test_a_csv_of_other_pixels_is_known_by_its_counts_of_splits_and_classes(tmp_path, monkeypatch):
    path = tmp_path / "resized.csv"
    lines = [f"{i % 7},{'9 ' * 64},{'Training' if i < 7 else 'PublicTest'}" for i in range(14)]
    path.write_text("\n".join(["emotion,pixels,Usage", *lines]))
    assert recognise(path)[0] == "pixelcsv"
    monkeypatch.setattr(fer2013, "_MIN_BYTES", 0)
    monkeypatch.setattr(fer2013, "_N_USAGES", {"training": 7, "publictest": 7})
    monkeypatch.setattr(fer2013, "_N_CLASSES", dict.fromkeys(EXPRESSIONS, 2))
    assert recognise(path)[0] == "fer2013"
    path.write_text("\n".join(["emotion,pixels,Usage", *lines[1:], lines[1]]))
    assert recognise(path)[0] == "pixelcsv"
