"""The numbers of RAF-DB and AffectNet: a person's word on one of them, and numbers that may be another set's."""

import pytest

from fer_core.sources.classes import ORDERS, Classes, UnclearNumbers
from fer_core.sources.readers import read_source
from tests.helpers.samples import write_image, write_rafdb, write_rafdb_folders

RAF = list(ORDERS["rafdb"].values())


def read(root, *said, order=""):
    return read_source("auto", root, Classes(said, order)).table["expression"].tolist()


def write_affectnet_codes(root, prefix="", suffix=""):
    rows = ["subDirectory_filePath,expression"]
    for code in range(11):
        write_image(root / "Manually_Annotated_Images" / "1" / f"p{code}.jpg", code, 96)
        rows.append(f"{prefix}1/p{code}.jpg,{code}{suffix}")
    (root / "training.csv").write_text("\n".join(rows) + "\n")
    return root


def edit_list(root, change):
    file = root / "basic" / "EmoLabel" / "list_patition_label.txt"
    file.write_text("".join(change(*line.split()) for line in file.read_text().splitlines()))
    return root


@pytest.mark.parametrize("write", [write_rafdb, write_rafdb_folders])
def test_one_meaning_leaves_the_other_numbers_of_rafdb_alone(tmp_path, write):
    write(tmp_path)
    assert set(read(tmp_path, ("7", "leave-out"))) == set(RAF) - {"neutral"}
    assert read(tmp_path, ("7", "angry")).count("angry") == 4


@pytest.mark.parametrize("line", [lambda name, code: f"{name},{code}\n", lambda name, code: f"{name}\t{code}.0\n"])
def test_a_list_of_rafdb_with_commas_or_points_is_read(tmp_path, line):
    assert read(edit_list(write_rafdb(tmp_path), line)) == RAF * 2


def test_label_files_of_rafdb_with_points_agree_with_the_folders(tmp_path):
    for file in write_rafdb_folders(tmp_path).glob("*_labels.csv"):
        file.write_text(file.read_text().replace("\n", ".0\n").replace("label.0", "label"))
    reading = read_source("auto", tmp_path)
    assert (len(reading.table), reading.problems) == (14, [])


def test_numbers_1_to_6_alone_in_rafdbs_list_are_refused_until_somebody_says_what_they_mean(tmp_path):
    root = edit_list(write_rafdb(tmp_path), lambda name, code: f"{name} {code}\n" if code != "7" else "")
    with pytest.raises(UnclearNumbers, match=r"list_patition_label\.txt has the numbers 1, 2, 3, 4, 5, 6"):
        read_source("rafdb", root)
    assert set(read(root, order="rafdb")) == set(RAF) - {"neutral"}
    legend = "".join(f"{number},{name}\n" for number, name in ORDERS["fer2013"].items())
    (root / "basic" / "EmoLabel" / "legend.csv").write_text(legend)
    assert read(root)[0] == "disgust"


def test_folders_1_to_6_alone_with_rafdbs_file_names_are_refused(tmp_path):
    for number in range(1, 7):
        write_image(tmp_path / "train" / str(number) / f"train_{number:05d}_aligned.jpg", number, 100)
    with pytest.raises(UnclearNumbers, match="has the numbers 1, 2, 3, 4, 5, 6"):
        read(tmp_path)


def test_a_persons_word_on_affectnets_numbers_is_heard(tmp_path):
    root = write_affectnet_codes(tmp_path)
    seven = [name for name in ORDERS["affectnet"].values() if name != "contempt"]
    assert read(root) == read(root, order="affectnet") == seven
    assert read(root, ("7", "angry")) == [*seven, "angry"]
    assert read(root, order="fer2013") == list(ORDERS["fer2013"].values())


def test_a_list_of_affectnet_may_name_the_folder_of_images_too(tmp_path):
    assert len(read(write_affectnet_codes(tmp_path, "Manually_Annotated_Images/", ".0"))) == 7
