"""CSVs of pixels, one for each split of a data set, in one folder."""

import numpy as np
import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.originals import read_originals
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.readers import read_source, recognise
from tests.helpers.samples import pattern

FACES = np.stack([pattern(i % 7, np.random.default_rng(i)) for i in range(21)])


def write(folder, header="emotion,pixels", label=EXPRESSIONS.__getitem__, **rows):
    """A CSV for each split: its numbers of faces, and what stands at the end of each line."""
    for name, (numbers, end) in rows.items():
        lines = [f"{label(i % 7)},{' '.join(map(str, FACES[i].ravel()))}{end}" for i in numbers]
        (folder / f"{name}.csv").write_text("\n".join([header, *lines]) + "\n")
    return folder


@pytest.mark.parametrize("names", [("train", "val", "test"), ("my_training", "my_valid", "my_test_set")])
def test_a_csv_for_each_split_is_one_source_with_the_split_of_its_name(tmp_path, names):
    rows = {names[2]: (range(14, 21), ""), names[0]: (range(7), ""), names[1]: (range(7, 14), "")}
    reading = read_source("auto", write(tmp_path, **rows))
    assert (reading.source, reading.problems, reading.notes) == ("pixelcsv", [], [])
    assert reading.table["usage"].tolist() == ["train"] * 7 + ["val"] * 7 + ["test"] * 7
    assert reading.table["expression"].tolist() == [*EXPRESSIONS] * 3
    assert reading.table["origin"].tolist()[6:8] == [f"{names[0]}.csv row 7", f"{names[1]}.csv row 1"]
    np.testing.assert_array_equal(reading.pixels, FACES)
    alone = read_source("auto", tmp_path / f"{names[0]}.csv")
    assert (len(alone.table), alone.table["origin"].iloc[0]) == (7, "row 1")


def test_a_test_file_without_labels_is_left_out_and_named(tmp_path):
    write(tmp_path, train=(range(7), ""), valid=(range(7, 14), ""))
    lines = ["pixels", *(" ".join(map(str, face.ravel())) for face in FACES[14:])]
    (tmp_path / "test.csv").write_text("\n".join(lines) + "\n")
    reading = read_source("auto", tmp_path)
    assert reading.table["usage"].value_counts().to_dict() == {"train": 7, "val": 7}
    assert reading.left_out == {"a face of a file without labels": 7}
    assert reading.notes == ["test.csv has no labels: its 7 faces are excluded"]


def test_a_bad_row_is_a_problem_of_its_file(tmp_path):
    write(tmp_path, train=(range(7), ""), test=(range(7), ""))
    for name, line in (("test", "angry,1 2 3"), ("train", f"furious,{' '.join(['1'] * 2304)}")):
        file = tmp_path / f"{name}.csv"
        file.write_text(f"{file.read_text()}{line}\n")
    reading = read_source("auto", tmp_path)
    assert len(reading.table) == 14
    assert [problem.origin for problem in reading.problems] == ["train.csv row 8", "test.csv row 8"]


def test_a_row_that_says_another_split_than_its_files_name_is_refused(tmp_path):
    write(tmp_path, "emotion,pixels,Usage", train=(range(7), ",Training"), test=(range(7), ",PublicTest"))
    with pytest.raises(InputError, match=r"test\.csv row 1 has the split 'PublicTest', but the file's name says test"):
        read_source("auto", tmp_path)
    write(tmp_path, "emotion,pixels,Usage", test=(range(7), ",PrivateTest"))
    assert read_source("auto", tmp_path).table["usage"].tolist() == ["train"] * 7 + ["test"] * 7


def test_numbers_are_looked_at_over_all_files(tmp_path):
    write(tmp_path, "emotion,pixels,Usage", str, train=(range(14), ",Training"), test=(range(1, 7), ",PrivateTest"))
    assert read_source("auto", tmp_path).table["expression"].iloc[14] == "disgust"
    with pytest.raises(InputError, match=r"train.csv, test.csv has numbers of unknown meaning as labels"):
        read_source("auto", write(tmp_path, label=str, train=(range(14), ""), test=(range(1, 7), "")))


def test_columns_of_other_names_mean_the_same_but_not_other_numbers(tmp_path):
    write(tmp_path, train=(range(7), ""))
    write(tmp_path, "label,pixels,person", test=(range(7, 14), ",P1"))
    reading = read_source("auto", tmp_path)
    assert reading.table["subject"].tolist() == [""] * 7 + ["P1"] * 7
    write(tmp_path, "emotion (rafdb),pixels", test=(range(7), ""))
    with pytest.raises(
        InputError, match=r"train.csv names its label column 'emotion' and test.csv 'emotion \(rafdb\)'"
    ):
        read_source("auto", tmp_path)


def test_faces_of_two_sizes_are_refused(tmp_path):
    write(tmp_path, train=(range(7), ""))
    (tmp_path / "test.csv").write_text(f"emotion,pixels\nhappy,{' '.join(['7'] * 64 * 64)}\n")
    with pytest.raises(InputError, match=r"train.csv has faces of 48 px and test.csv has faces of 64 px"):
        read_source("auto", tmp_path)


def test_where_it_is_not_sure_which_files_belong_together_one_is_read_and_the_others_are_named(tmp_path):
    write(tmp_path, train=(range(7), ""), test=(range(7), ""), my_test=(range(7), ""), more=(range(7), ""))
    reading = read_source("auto", tmp_path)
    assert len(reading.table) == 7
    assert reading.notes == [
        "only train.csv is read, not more.csv, my_test.csv, test.csv beside it; give each as a separate source"
    ]


def test_the_original_pictures_are_found_again_in_their_files(tmp_path):
    write(tmp_path, train=(range(7), ""), val=(range(14, 21), ""), test=(range(7, 14), ""))
    assert recognise(tmp_path) == ("pixelcsv", "CSV of pixels, train.csv, val.csv, test.csv")
    dataset = assemble(DatasetRecipe("joined", sources=(("auto", str(tmp_path)),), near=False))
    found = dict(read_originals(dataset, np.arange(21)))
    assert sorted(found) == list(range(21))
    place = dataset.table["origin"].tolist().index("test.csv row 3")
    np.testing.assert_array_equal(np.asarray(found[place].convert("L")), FACES[9])


def test_another_column_of_the_first_files_name_for_the_labels_is_no_label(tmp_path):
    """The test file has its labels in `label`, and numbers of its own in `emotion`, as the training has its labels."""
    write(tmp_path, train=(range(7), ""))
    lines = [f"{EXPRESSIONS[i % 7]},{(i + 3) % 7},{' '.join(map(str, FACES[i].ravel()))}" for i in range(7, 14)]
    (tmp_path / "test.csv").write_text("\n".join(["label,emotion,pixels", *lines]) + "\n")
    reading = read_source("auto", tmp_path)
    assert reading.table["expression"].tolist() == [*EXPRESSIONS] * 2
    assert reading.problems == []
