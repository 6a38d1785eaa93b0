"""FER2013's form and its relatives: whatever wrote the file, the same faces and labels come out."""

import gzip

import numpy as np
import pytest

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import Classes
from fer_core.sources.readers import read_source, recognise
from tests.helpers.samples import USAGES

N = 21
FACES = np.random.default_rng(3).integers(0, 256, (N, 48, 48)).astype(np.uint8)
SPLITS = {"Training": "train", "PublicTest": "val", "PrivateTest": "test"}


def pixels(i, separator=" ", form="{}"):
    return separator.join(form.format(value) for value in FACES[i].ravel())


def write_rows(path, row, header="emotion,pixels,Usage", end="\n", encoding="utf-8"):
    lines = [header, *(row(i, i % 7, USAGES[i // 7]) for i in range(N))]
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def plain(i, label, usage):
    return f"{label},{pixels(i)},{usage}"


def by_columns(i, label, usage):
    return f"{label},{usage},{pixels(i, ',')}"


def by_columns_backwards(i, label, usage):
    return f"{','.join(map(str, FACES[i].ravel()[::-1]))},{label},{usage}"


COLUMNS_2D = ",".join(f"{y}x{x}" for y in range(1, 49) for x in range(1, 49))
FORMS = [
    pytest.param({"row": plain}, id="as published"),
    pytest.param(
        {"row": lambda i, n, u: plain(i, n, u).replace(",", ";"), "header": "emotion;pixels;Usage"}, id="semicolons"
    ),
    pytest.param(
        {"row": lambda i, n, u: plain(i, n, u).replace(",", "\t"), "header": "emotion\tpixels\tUsage"}, id="tabs"
    ),
    pytest.param({"row": plain, "encoding": "utf-16"}, id="utf-16"),
    pytest.param({"row": plain, "encoding": "utf-8-sig"}, id="byte order mark"),
    pytest.param({"row": plain, "end": "\r"}, id="carriage returns"),
    pytest.param({"row": plain, "end": "\r\n\r\n"}, id="blank lines"),
    pytest.param({"row": lambda i, n, u: f'{n},"{pixels(i)}","{u}"'}, id="quoted"),
    pytest.param({"row": lambda i, n, u: f'{n},"[{pixels(i, ", ")}]",{u}'}, id="list in quotes"),
    pytest.param({"row": lambda i, n, u: f'{n},"{pixels(i, ",")}",{u}'}, id="commas in quotes"),
    pytest.param({"row": lambda i, n, u: f'{n},"[{pixels(i).replace(" ", chr(10), 3)}]",{u}'}, id="line end in quotes"),
    pytest.param({"row": lambda i, n, u: f"{plain(i, n, u)},"}, id="trailing comma"),
    pytest.param({"row": lambda i, n, u: f"{plain(i, n, u)},", "header": "emotion,pixels,Usage,"}, id="both trailing"),
    pytest.param({"row": lambda i, n, u: f"{n}.0,{pixels(i, form='{}.0')},{u}"}, id="decimals"),
    pytest.param({"row": lambda i, n, u: plain(i, EXPRESSIONS[n], SPLITS[u])}, id="train, val, test"),
    pytest.param({"row": lambda i, n, u: plain(i, EXPRESSIONS[n].upper(), u)}, id="names"),
    pytest.param(
        {"row": lambda i, n, u: f"{i},{u},{pixels(i)},{n}", "header": ', "Usage", Pixels ,Label'}, id="another order"
    ),
    pytest.param(
        {"row": lambda i, n, u: f"{','.join(str(int(n == k)) for k in range(7))},{pixels(i)},{u}",
         "header": f"{','.join(EXPRESSIONS)},pixels,Usage"}, id="one-hot"),
    *(
        pytest.param({"row": by_columns, "header": f"emotion,Usage,{','.join(names)}"}, id=names[0])
        for names in (
            [f"pixel{i}" for i in range(2304)], [f"pixel_{i}" for i in range(2304)],
            [f"p{i + 1}" for i in range(2304)], list(map(str, range(2304))),
        )
    ),
    pytest.param({"row": by_columns, "header": f"emotion,Usage,{COLUMNS_2D}"}, id="1x1"),
    pytest.param(
        {"row": by_columns_backwards, "header": f"{','.join(f'pixel{i}' for i in range(2303, -1, -1))},label,Usage"},
        id="columns backwards",
    ),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_pixel_csv_gives_the_same_faces(tmp_path, form):
    reading = read_source("auto", write_rows(tmp_path / "faces.csv", **form))
    assert (reading.source, reading.problems) == ("pixelcsv", [])
    assert np.array_equal(reading.pixels, FACES)
    assert reading.table["expression"].tolist() == list(EXPRESSIONS) * 3
    assert reading.table["usage"].tolist() == ["train"] * 7 + ["val"] * 7 + ["test"] * 7


@pytest.mark.parametrize("place", ["fer2013.csv.gz", "any name.csv.gz", "folder/fer2013.csv.gz"])
def test_a_packed_pixel_csv_is_read_without_unpacking_it(tmp_path, place):
    text = write_rows(tmp_path / "x", plain).read_bytes()
    (tmp_path / "folder").mkdir()
    (tmp_path / place).write_bytes(gzip.compress(text))
    reading = read_source("auto", (tmp_path / place).parent if "/" in place else tmp_path / place)
    assert np.array_equal(reading.pixels, FACES)
    (tmp_path / place).write_bytes(gzip.compress(text)[:-2000])
    with pytest.raises(InputError, match="cannot be read to its end"):
        read_source("pixelcsv", tmp_path / place)


def test_pixels_from_0_to_1_are_scaled_and_a_mixture_is_refused(tmp_path):
    def unit(i, n, u):
        return f"{n},{' '.join(repr(value / 255) for value in FACES[i].ravel().tolist())},{u}"

    black = f"0,{' '.join(['0'] * 2303)} 1,Training"
    path = write_rows(tmp_path / "unit.csv", lambda i, n, u: unit(i, n, u) if i else black)
    reading = read_source("auto", path)
    assert np.array_equal(reading.pixels[1:], FACES[1:])
    assert reading.pixels[0].ravel()[-2:].tolist() == [0, 255]
    assert "pixels from 0 to 1, scaled to 255" in reading.notes
    path = write_rows(tmp_path / "mixed.csv", lambda i, n, u: unit(i, n, u) if i else plain(i, n, u))
    with pytest.raises(InputError, match=r"pixels from 0 to 1 \(row 2\) and from 0 to 255 in other rows"):
        read_source("auto", path)


def test_faces_of_another_side_are_read_in_their_own_size(tmp_path):
    faces = np.random.default_rng(0).integers(0, 256, (7, 64, 64))
    lines = [f"{i},{' '.join(map(str, face.ravel()))},{USAGES[i % 3]}" for i, face in enumerate(faces)]
    lines.append(f"0,{pixels(0)},Training")
    (tmp_path / "big.csv").write_text("\n".join(["emotion,pixels,Usage", *lines]))
    path = tmp_path / "big.csv"
    reading = read_source("auto", path)
    assert np.array_equal(reading.pixels, faces)
    assert reading.table["expression"].tolist() == list(EXPRESSIONS)
    (problem,) = reading.problems
    assert (problem.origin, problem.message) == ("row 8", "expected 4096 pixels (64x64), got 2304")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("65536", "whole number from 0 to 255"), ("4294967296", "whole number from 0 to 255"),
        ("99999999999999999999999", "whole number from 0 to 255"), ("1e3", "whole number from 0 to 255"),
        ("nan", "whole number from 0 to 255"), ("-1", "whole number from 0 to 255"), ("", "got 2303"),
        ("-0.5", "whole number from 0 to 255"), ("0x10", "whole number from 0 to 255"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("wide", [False, True], ids=["one column", "a column a pixel"])
def test_a_value_that_is_no_pixel_is_a_problem_of_its_row(tmp_path, value, message, wide):
    names = ",".join(f"pixel{i}" for i in range(2304))
    header = f"emotion,Usage,{names}" if wide else "emotion,pixels,Usage"
    path = write_rows(tmp_path / "faces.csv", by_columns if wide else plain, header)
    separator = "," if wide else " "
    bad = f"{value}{separator}{pixels(0, separator).partition(separator)[2]}"
    path.write_text(path.read_text() + (f"0,Training,{bad}" if wide else f"0,{bad},Training"))
    reading = read_source("auto", path)
    (problem,) = reading.problems
    assert problem.origin == "row 22"
    assert message in problem.message
    assert len(reading.pixels) == N


@pytest.mark.parametrize("label", ["None", "NaN", "nan", "", "null"])
def test_a_row_without_a_label_is_a_problem_and_not_affectnets_none(tmp_path, label):
    path = write_rows(tmp_path / "faces.csv", plain)
    path.write_text(path.read_text() + f"{label},{pixels(0)},Training\nnone,{pixels(1)},Training\n")
    reading = read_source("auto", path)
    assert [(problem.origin, problem.message) for problem in reading.problems] == [("row 22", "it has no label")]
    assert dict(reading.left_out) == {"none": 1}


@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("source", ["auto", "fer2013"])
def test_labels_that_may_count_from_1_are_refused_until_a_person_says_what_they_mean(tmp_path, first, source):
    path = write_rows(tmp_path / "fer2013.csv", lambda i, n, u: plain(i, first + i % (7 - first), u))
    with pytest.raises(InputError, match="from 0 to 6 or from 1 to 7"):
        read_source(source, path)
    reading = read_source(source, path, Classes(order="fer2013"))
    assert reading.table["expression"].iloc[0] == EXPRESSIONS[first]


def test_eight_classes_are_no_fer2013_and_one_stray_number_is_a_bad_row(tmp_path):
    path = write_rows(tmp_path / "ckextended.csv", lambda i, n, u: plain(i, i % 8, u))
    with pytest.raises(InputError, match="which may run from 0 to 6 or from 1 to 7"):
        read_source("auto", path)
    path = write_rows(tmp_path / "one.csv", lambda i, n, u: plain(i, 7 if i == 8 else n, u))
    assert [problem.origin for problem in read_source("auto", path).problems] == ["row 9"]


def test_a_pixel_csv_of_other_faces_is_not_called_fer2013_unless_a_person_says_so(tmp_path):
    path = write_rows(tmp_path / "fer2013.csv", plain)
    assert recognise(path)[0] == recognise(tmp_path)[0] == "pixelcsv"
    assert read_source("fer2013", path).source == "fer2013"


def test_columns_that_nobody_reads_are_named_and_persons_are_known(tmp_path):
    path = write_rows(
        tmp_path / "x.csv", lambda i, n, u: f"{plain(i, n, u)},p{i},12", "emotion,pixels,Usage,subject_id,age"
    )
    reading = read_source("auto", path)
    assert reading.unused == ["age"]
    assert reading.table["subject"].tolist()[:2] == ["p0", "p1"]


def test_numbers_in_a_layout_that_is_not_fer2013s_are_asked_about(tmp_path):
    path = write_rows(tmp_path / "x.csv", lambda i, n, u: f"{n},{pixels(i)}", "label,pixels")
    with pytest.raises(InputError, match="numbers of unknown meaning"):
        read_source("auto", path)
    said = read_source("auto", path, Classes(order="affectnet"))
    assert said.table["expression"].tolist()[:3] == ["neutral", "happy", "sad"]
    (tmp_path / "legend.csv").write_text("".join(f"{name},{i}\n" for i, name in enumerate(EXPRESSIONS)))
    reading = read_source("auto", path)
    assert reading.table["expression"].tolist() == list(EXPRESSIONS) * 3
    assert "numbers are read by legend.csv" in reading.notes


def test_numbers_with_splits_that_any_set_may_have_are_asked_about(tmp_path):
    path = write_rows(tmp_path / "x.csv", lambda i, n, u: plain(i, n, SPLITS[u]))
    with pytest.raises(InputError, match="numbers of unknown meaning"):
        read_source("auto", path)


@pytest.mark.parametrize(
    ("header", "legend"),
    [
        ("emotion (0=neutral 1=happy 2=sad 3=surprise 4=fear 5=disgust 6=angry),pixels,Usage", ""),
        ("label (affectnet),pixels,Usage", ""),
        ("emotion,pixels,Usage", "0,neutral\n1,happy\n2,sad\n3,surprise\n4,fear\n5,disgust\n6,angry\n"),
    ],
    ids=["numbers in the column's name", "a set in the column's name", "a legend beside it"],
)
def test_what_a_file_says_of_its_numbers_comes_before_fer2013s_order(tmp_path, header, legend):
    path = write_rows(tmp_path / ("mine.csv" if legend else "fer2013.csv"), plain, header)
    if legend:
        (tmp_path / "legend.csv").write_text(legend)
    for source in ("auto", "fer2013"):
        reading = read_source(source, path)
        assert reading.table["expression"].tolist()[:4] == ["neutral", "happy", "sad", "surprise"]
        assert any(note.startswith("numbers are read by") for note in reading.notes)


def test_what_a_person_says_of_one_number_leaves_fer2013s_order_for_the_others(tmp_path):
    path = write_rows(tmp_path / "x.csv", plain)
    reading = read_source("auto", path, Classes((("0", "leave-out"),)))
    assert reading.table["expression"].tolist() == [name for name in EXPRESSIONS if name != "angry"] * 3
    assert dict(reading.left_out) == {"leave-out": 3}


def test_numbers_from_minus_1_to_5_are_refused_and_minus_1_beside_all_seven_is_a_bad_row(tmp_path):
    path = write_rows(tmp_path / "x.csv", lambda i, n, u: plain(i, n - 1, u))
    with pytest.raises(InputError, match="has the label -1 but not 6"):
        read_source("auto", path)
    path = write_rows(tmp_path / "x.csv", lambda i, n, u: plain(i, -1 if i == 3 else n, u))
    assert [problem.origin for problem in read_source("auto", path).problems] == ["row 4"]


def test_two_columns_of_labels_that_differ_are_refused(tmp_path):
    path = write_rows(tmp_path / "x.csv", lambda i, n, u: f"{plain(i, n, u)},{6 - n}", "emotion,pixels,Usage,label")
    with pytest.raises(InputError, match="the columns label and emotion, which differ"):
        read_source("auto", path)


def test_one_hot_columns_with_votes_are_refused_and_a_row_without_a_1_is_a_problem(tmp_path):
    header = f"{','.join(EXPRESSIONS)},pixels"
    path = tmp_path / "x.csv"
    path.write_text(f"{header}\n1,0,0,0,0,0,0,{pixels(0)}\n0,0,0,0,0,0,0,{pixels(1)}\n1,1,0,0,0,0,0,{pixels(1)}\n")
    reading = read_source("auto", path)
    assert reading.table["expression"].tolist() == ["angry"]
    assert [problem.origin for problem in reading.problems] == ["row 2", "row 3"]
    path.write_text(f"{header}\n0.7,0.3,0,0,0,0,0,{pixels(0)}\n")
    with pytest.raises(InputError, match=r"angry contains '0.7' instead of 0 or 1"):
        read_source("auto", path)


def test_a_quote_that_is_never_closed_is_refused_with_its_row(tmp_path):
    path = write_rows(tmp_path / "x.csv", plain)
    path.write_text(path.read_text() + f'0,"{pixels(0)},Training\n1,{pixels(1)},Training\n')
    with pytest.raises(InputError, match="row 22 opens a quote that is never closed"):
        read_source("auto", path)
