"""Votes are a face's own: by its name, or by its row where both files say the same of every row."""

import numpy as np
import pytest

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.pixels.parse import PixelRows
from fer_core.sources.readers import read_source
from fer_core.sources.readers.fer_votes import read_votes
from tests.helpers.samples import write_fer2013

HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
AT = {name: i for i, name in enumerate(("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear"))}


def write_votes(path):
    """Ten votes for each face's own label, in the order of the CSV."""
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    votes = [HEADER]
    for i, (label, *_, usage) in enumerate(lines):
        counts = ["0"] * 10
        counts[AT[EXPRESSIONS[int(label)]]] = "10"
        votes.append(f"{usage},fer{i:07d}.png,{','.join(counts)}")
    path.with_name("fer2013new.csv").write_text("\n".join(votes) + "\n")
    return path


def change_rows(path, change):
    header, *lines = path.read_text().splitlines()
    path.write_text("\n".join([header, *change(lines)]) + "\n")


@pytest.mark.parametrize("source", ["auto", "fer2013"])
def test_votes_of_the_same_rows_are_each_faces_own(tmp_path, source):
    reading = read_source(source, write_votes(write_fer2013(tmp_path)))
    assert reading.table["vote_majority"].tolist() == reading.table["expression"].tolist()


@pytest.mark.parametrize("source", ["auto", "fer2013"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda lines: lines[1:], "has 42 rows but there are 41", id="filtered"),
        pytest.param(
            lambda lines: lines[::-1], "row 1 is from Training but that row of the faces is from", id="shuffled"
        ),
    ],
)
def test_votes_beside_other_rows_are_refused_with_the_way_on(tmp_path, source, change, message):
    path = write_votes(write_fer2013(tmp_path))
    change_rows(path, change)
    with pytest.raises(InputError, match=f"{message}.*move fer2013new.csv away"):
        read_source(source, path)


def test_votes_beside_another_list_are_not_used_and_a_note_says_so(tmp_path):
    path = write_votes(write_fer2013(tmp_path))
    change_rows(path, lambda lines: lines[1:])
    reading = read_source("auto", path.rename(tmp_path / "ck.csv"))
    assert "vote_majority" not in reading.table
    assert any("fer2013new.csv beside it is not used" in note for note in reading.notes)


def test_a_csv_without_usage_has_no_votes_by_row(tmp_path):
    path = write_votes(write_fer2013(tmp_path))
    path.write_text("\n".join(line.rpartition(",")[0] for line in path.read_text().splitlines()))
    with pytest.raises(InputError, match="Without a column Usage in both files"):
        read_source("fer2013", path)


def test_where_both_files_have_names_votes_go_by_name_in_any_order(tmp_path):
    path = write_votes(write_fer2013(tmp_path))
    lines = path.read_text().splitlines()[1:]
    named = [f"{line},fer{i:07d}.png" for i, line in enumerate(lines)][:0:-1]
    path.write_text("\n".join(["emotion,pixels,Usage,Image name", *named[:30], f"{lines[0]},other.png"]) + "\n")
    table = read_source("fer2013", path).table
    assert table["vote_majority"].tolist()[:30] == table["expression"].tolist()[:30]
    assert table["vote_majority"].isna().tolist()[30:] == [True]


def test_a_count_that_is_no_number_is_refused_with_its_row(tmp_path):
    path = write_votes(write_fer2013(tmp_path))
    votes = path.with_name("fer2013new.csv")
    votes.write_text(votes.read_text().replace(",10,", ",many,", 1))
    with pytest.raises(InputError, match="row 1 has a vote count that is not a number"):
        read_source("fer2013", path)


def test_a_face_that_is_known_to_stand_elsewhere_in_the_original_refuses_the_votes(tmp_path):
    path = write_votes(write_fer2013(tmp_path))
    usages = [line.rpartition(",")[2] for line in path.read_text().splitlines()[1:]]
    faces = PixelRows(
        pixels=np.zeros((42, 48, 48), np.uint8), fields={"usage": usages}, row=np.arange(1, 43), problems=[], n_rows=42
    )
    votes = path.with_name("fer2013new.csv")
    assert len(read_votes(votes, faces, {4: (5, 77)})) == 42
    with pytest.raises(InputError, match="Row 5 of the faces is row 77 of the original"):
        read_votes(votes, faces, {4: (77,)})


def test_votes_that_agree_with_the_labels_no_better_than_chance_are_refused(tmp_path):
    path = write_votes(write_fer2013(tmp_path, n_per_class=45))
    rng = np.random.default_rng(0)

    def shuffle(lines):
        splits = {}
        for line in lines:
            splits.setdefault(line.rpartition(",")[2], []).append(line)
        mixed = {split: iter(rng.permutation(rows).tolist()) for split, rows in splits.items()}
        return [next(mixed[line.rpartition(",")[2]]) for line in lines]

    assert len(read_source("fer2013", path).table) == 315
    change_rows(path, shuffle)
    with pytest.raises(InputError, match="no more than chance"):
        read_source("fer2013", path)
