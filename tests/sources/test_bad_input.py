"""Sources as they should not be: everything that is given is read, left out and counted, or told."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.errors import InputError
from fer_core.sources.listing import list_files
from fer_core.sources.readers import read_source
from tests.helpers.samples import write_fer2013, write_image

PIXELS = " ".join(["7"] * 2304)
LABELS = ["happy", "Anger", "contempt", "holiday", "", "3"]
LINES = ["a.png,happy", "b.png,sad"]


def write_list(folder, text, name="list.csv", encoding="utf-8"):
    for image in ("a.png", "b.png"):
        write_image(folder / image, seed=len(image))
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def expressions(reading):
    assert not reading.problems
    return reading.table.set_index("origin")["expression"].to_dict()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_list_is_read_however_it_was_saved(tmp_path, separator, end, encoding):
    write_image(tmp_path / "né, en été.png")
    lines = ["file,label", '"né, en été.png",happy', "", "a.png,sad"]
    text = end.join(line if '"' in line else line.replace(",", separator) for line in lines)
    text = text.replace('png",happy', f'png"{separator}happy')
    path = write_list(tmp_path, text, encoding=encoding)
    assert expressions(read_source("auto", path)) == {"né, en été.png": "happy", "a.png": "sad"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
def test_the_header_alone_says_what_separates_the_fields(tmp_path, end):
    lines = ["", "", "file;label;note", "a.png;happy;one, two, three, four, five, six"]
    assert expressions(read_source("auto", write_list(tmp_path, end.join(lines)))) == {"a.png": "happy"}


@pytest.mark.parametrize(("on_disk", "listed"), [("e\u0301t.png", "\u00e9t.png"), ("\u00e9t.png", "e\u0301t.png")])
def test_an_accent_may_be_written_either_way(tmp_path, on_disk, listed):
    write_image(tmp_path / on_disk)
    path = write_list(tmp_path, f"file,label\n{listed},happy\n")
    assert list(expressions(read_source("csv", path))) == [on_disk]


@pytest.mark.parametrize(
    ("header", "legend"),
    [
        ("label (fer2013)", None),
        ("label (3=happy 4=sad)", None),
        ("label", ("legend.csv", "number,name\n3,happy\n4,sad\n")),
        ("label", ("legend.txt", "3 = happy\n4 = sad\n")),
        ("label", ("classes.txt", "3 happy\n4 sad\n")),
    ],
)
def test_numbers_are_read_where_a_header_or_a_legend_says_what_they_are(tmp_path, header, legend):
    path = write_list(tmp_path, f"file,{header}\na.png,3\nb.png,4.0\n")
    if legend:
        (tmp_path / legend[0]).write_text(legend[1])
    for place in (path, tmp_path):
        assert expressions(read_source("auto", place)) == {"a.png": "happy", "b.png": "sad"}


def test_numbers_that_nothing_explains_are_asked_about(tmp_path):
    path = write_list(tmp_path, "file,label\na.png,3\nb.png,4\n")
    with pytest.raises(InputError, match=r"numbers of unknown meaning as labels\. Add a legend.csv beside it"):
        read_source("csv", path)


@pytest.mark.parametrize(("text", "message"), [("3,happy\n3,sad\n", "calls 3 both happy and sad"), ("x", "not a line")])
def test_a_legend_that_says_nothing_or_two_things_is_refused(tmp_path, text, message):
    path = write_list(tmp_path, "file,label\na.png,3\n")
    (tmp_path / "legend.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_source("csv", path)


def test_a_row_that_stands_twice_is_taken_once_and_counted(tmp_path):
    again = f"./a.png,joy\n.\\a.png,happy\nsub/../a.png,happy\n{tmp_path}/a.png,happy"
    reading = read_source("csv", write_list(tmp_path, f"file,label\na.png,happy\n{again}\nb.png,sad\n"))
    assert expressions(reading) == {"a.png": "happy", "b.png": "sad"}
    assert reading.left_out == {"a repeated row": 4}


def test_rows_that_contradict_each_other_are_problems_that_name_both_and_no_face(tmp_path):
    reading = read_source("csv", write_list(tmp_path, "file,label\na.png,happy\nb.png,sad\na.png,fear\n"))
    assert reading.table["origin"].tolist() == ["b.png"]
    assert [(problem.origin, problem.message) for problem in reading.problems] == [
        ("row 1", "it says happy for a.png, but row 3 says fear"),
        ("row 3", "it says fear for a.png, but row 1 says happy"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file,label\n", (0, 0)),
        ("file,label\na.png,happy,1,2\nb.png\n,\n", (0, 2)),
        ("file,label\na.png,happy,,\nb.png,sad,,\n", (2, 0)),
        ('file,label,"more; or; less; or none"\na.png,happy,x\n', (1, 0)),
        ("", "is empty"),
        ('file,label\n"a.png,happy\n', "cannot be read as a CSV"),
        ("file,File,label\na.png,b.png,happy\n", "has two columns named"),
    ],
)
def test_uneven_rows_are_problems_and_a_broken_list_is_refused(tmp_path, text, expected):
    path = write_list(tmp_path, text)
    if isinstance(expected, str):
        with pytest.raises(InputError, match=expected):
            read_source("csv", path)
        return
    reading = read_source("csv", path)
    assert (len(reading.table), len(reading.problems)) == expected


@pytest.mark.parametrize("name", ["../secret.png", "sub/../../secret.png", "link.png", "linked/secret.png", "{abs}"])
def test_a_list_reads_nothing_outside_its_folder(tmp_path, name):
    write_image(tmp_path / "out" / "secret.png")
    write_image(tmp_path / "secret.png")
    path = write_list(tmp_path / "in", "")
    (tmp_path / "in" / "sub").mkdir()
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "out")
    path.write_text(f"file,label\n{name.format(abs=tmp_path / 'secret.png')},happy\n")
    (problem,) = read_source("csv", path).problems
    assert "leads out of the source's folder" in problem.message


def test_links_inside_a_folder_are_followed_and_those_that_lead_out_or_round_are_problems(tmp_path):
    write_image(tmp_path / "in" / "happy" / "a.png")
    write_image(tmp_path / "out" / "b.png")
    happy = tmp_path / "in" / "happy"
    (happy / "inside.png").symlink_to(happy / "a.png")
    (happy / "out.png").symlink_to(tmp_path / "out" / "b.png")
    (happy / "nothing.png").symlink_to(tmp_path / "in" / "none.png")
    (happy / "round").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "joy").symlink_to(happy)
    (tmp_path / "in" / "sad").symlink_to(tmp_path / "out")
    os.mkfifo(happy / "pipe.png")
    files, problems = list_files(tmp_path / "in")
    assert files == [f"{folder}/{name}.png" for folder in ("happy", "joy") for name in ("a", "inside")]
    told = {problem.origin: problem.message.split()[-1] for problem in problems if problem.origin[:3] != "joy"}
    assert told == {
        "happy/out.png": "folder", "happy/nothing.png": "broken", "happy/round": "circular", "sad": "folder",
        "happy/pipe.png": "folder",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "x" * 300 + "/a.png", "x/" * 3000 + "a.png", "none/a.png"])
def test_a_name_that_no_file_can_have_is_a_missing_image(tmp_path, name):
    (problem,) = read_source("csv", write_list(tmp_path, f"file,label\n{name},happy\n")).problems
    assert problem.message == f"there is no image {name}"


def test_files_come_in_the_order_of_their_names_whatever_the_disk_says(tmp_path):
    names = [f"{i:02d}.png" for i in np.random.default_rng(0).permutation(30)]
    for name in names:
        (tmp_path / name).touch()
    assert list_files(tmp_path) == (sorted(names), [])


def test_a_folder_that_cannot_be_read_is_a_problem_and_hidden_files_are_none(tmp_path, monkeypatch):
    for name in ("happy/a.png", "happy/.b.png", "sad/a.png"):
        write_image(tmp_path / name)
    scan = os.scandir

    def refuse(folder):
        if folder.name == "sad":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr("fer_core.sources.listing.os.scandir", refuse)
    files, (problem,) = list_files(tmp_path)
    assert files == ["happy/a.png"]
    assert (problem.origin, problem.message) == ("sad", "the folder cannot be read (Permission denied)")


def test_a_name_that_is_not_utf8_is_a_problem(tmp_path):
    write_image(tmp_path / "happy" / "a.png")
    (tmp_path / "happy" / "a.png").rename(os.fsdecode(os.fsencode(tmp_path / "happy") + b"/\xe9.png"))
    (problem,) = read_source("folder", tmp_path).problems
    assert (problem.origin, problem.message) == ("happy/\\udce9.png", "its name is not UTF-8")


def test_a_fer2013_with_names_for_labels_is_read(tmp_path):
    path = write_fer2013(tmp_path, 1, bad=[f"Happiness,{PIXELS},Training", f"contempt,{PIXELS},Training"])
    reading = read_source("fer2013", path)
    assert reading.table["expression"].tolist()[-2:] == ["neutral", "happy"]
    assert (len(reading.pixels), dict(reading.left_out), reading.problems) == (8, {"contempt": 1}, [])


def test_a_fer2013_in_another_order_is_read_by_its_legend_and_refused_without(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_text("emotion,pixels,Usage\n" + "".join(f"{n},{PIXELS},Training\n" for n in range(1, 8)))
    with pytest.raises(InputError, match=r"which may run from 0 to 6 or from 1 to 7.*add a legend.csv"):
        read_source("fer2013", path)
    names = ["surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"]
    (tmp_path / "legend.csv").write_text("".join(f"{n},{name}\n" for n, name in enumerate(names, 1)))
    assert read_source("fer2013", path).table["expression"].tolist() == names


FILES = st.dictionaries(
    st.tuples(
        st.sampled_from(["happy", "sad/deep er", "contempt", "holiday", "Wütend", "."]),
        st.sampled_from(["a b.png", "é.jpg", "c.gif", "notes.txt", "d"]),
    ),
    st.sampled_from(["image", "empty", "text", "link out", "link in", "dangling"]),
    max_size=12,
)


@given(files=FILES, by_split=st.booleans())
@settings(max_examples=40, deadline=None)
def test_of_every_folder_each_file_is_a_face_left_out_or_a_problem(tmp_path_factory, files, by_split):
    top = tmp_path_factory.mktemp("any")
    root = top / "in" / "train" if by_split else top / "in"
    write_image(top / "out.png")
    write_image(root / "fear" / "first.png")
    for (folder, name), kind in files.items():
        path = root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        targets = {"link out": top / "out.png", "link in": root / "fear" / "first.png", "dangling": top / "none"}
        if kind in targets:
            path.symlink_to(targets[kind])
        else:
            path.write_bytes({"image": (top / "out.png").read_bytes(), "empty": b"", "text": b"hello"}[kind])
    found = inspect_source(top / "in", "folder")
    assert found.n + sum(found.left_out.values()) + len(found.problems) == len(files) + 1


ROWS = st.lists(
    st.tuples(
        st.sampled_from(
            ["a.png", "./a.png", "b.png", "é è.png", "none.png", "../out.png", "bad.png", "sub/../a.png", ""]
        ),
        st.sampled_from(LABELS),
        st.sampled_from(["", "train", "Test", "holiday"]),
        st.sampled_from([0, 0, 0, 1, -1]),
    ),
    max_size=12,
)


@given(rows=ROWS, separator=st.sampled_from([",", ";", "\t"]), encoding=st.sampled_from(["utf-8-sig", "utf-16"]))
@settings(max_examples=60, deadline=None)
def test_of_every_list_each_row_is_a_face_left_out_or_a_problem(tmp_path_factory, rows, separator, encoding):
    top = tmp_path_factory.mktemp("any")
    for name in ("out.png", "in/é è.png"):
        write_image(top / name)
    (top / "in" / "bad.png").write_text("hello")
    lines = [["file", "label", "split"]]
    for name, label, split, more in rows:
        lines.append([name, label, split][: 3 + min(more, 0)] + ["more"] * max(more, 0))
    n_rows = sum(any(line) for line in lines[1:])
    path = write_list(top / "in", "\n".join(separator.join(line) for line in lines), encoding=encoding)
    try:
        found = inspect_source(path, "csv")
    except InputError as error:
        assert "numbers of unknown meaning as labels" in str(error) or "none of its pictures are beside it" in str(
            error
        )
        return
    assert found.n + sum(found.left_out.values()) + len(found.problems) == n_rows


def test_what_is_inspected_is_what_is_assembled_to_the_face(tmp_path):
    for i, label in enumerate(("happy", "sad", "fear", "contempt", "holiday")):
        for k in range(4):
            write_image(tmp_path / label / f"{k}.png", seed=10 * i + k)
    (tmp_path / "sad" / "1.png").write_bytes(b"")
    (tmp_path / "fear" / "notes.txt").write_text("hello")
    found = inspect_source(tmp_path)
    info = assemble(DatasetRecipe("x", sources=(("auto", str(tmp_path)),), split="80:10:10", skip_bad=True)).info
    assert (info.n, info.n_skipped) == (found.n, len(found.problems)) == (11, 5)
    assert info.sources[0].left_out == found.left_out == {"contempt": 4, "not an image": 1}
    assert np.load(tmp_path / "workspace" / "datasets" / "x" / "faces.npy", mmap_mode="r").shape[0] == 11
