"""What the class numbers of a YOLO data set mean, however its files say it."""

import pytest

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import Classes, UnclearNumbers
from fer_core.sources.readers import read_source
from fer_core.sources.readers.yolo_names import parse_yaml_names
from tests.helpers.samples import write_image

FLOW = f"names: [{', '.join(EXPRESSIONS)}]\n"
PAIRS = "names:\n" + "".join(f"  {i}: {name}\n" for i, name in enumerate(EXPRESSIONS))


def write(root, numbers, **files):
    """A photograph with a box for each number, and the files by name, `_` for the point."""
    for place, number in enumerate(numbers):
        write_image(root / "images" / f"p{place}.png", place)
        (root / "labels").mkdir(exist_ok=True)
        (root / "labels" / f"p{place}.txt").write_text(f"{number} .5 .5 .4 .4\n")
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text)
    return root


def read(root, classes=None):
    return read_source("auto", root, classes or Classes()).table["expression"].tolist()


@pytest.mark.parametrize(
    "text",
    [
        "names:\n" + "".join(f"  {i}: {name} # {i + 1}\n" for i, name in enumerate(EXPRESSIONS)),
        "names:\n  # classes\n" + "".join(f"  - {name}\n" for name in EXPRESSIONS),
        "names: # seven\n" + "".join(f"  - {name}\n\n" for name in EXPRESSIONS) + "nc: 7\n",
        "names: [\n" + "".join(f"  '{name}', # {i}\n" for i, name in enumerate(EXPRESSIONS)) + "]\n",
        '"names": [' + ",".join(EXPRESSIONS) + "]\r\n",
        "path: here\nnames: {" + ", ".join(f"'{i}': \"{name}\"" for i, name in enumerate(EXPRESSIONS)) + "}\n",
    ],
)
def test_names_are_read_with_comments_blank_lines_and_quotes(text):
    assert parse_yaml_names(text.replace("\r\n", "\n"))[0] == dict(enumerate(EXPRESSIONS))


def test_a_sharp_in_a_quoted_name_begins_no_comment():
    assert parse_yaml_names("names: ['a # b', c]\n") == ({0: "a # b", 1: "c"}, True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: ['angry, mad', happy]", ["angry, mad", "happy"]),
        ('names: [sad, "happy, glad", fear]\nnc: 3', ["sad", "happy, glad", "fear"]),
        ("names: {0: 'a, b', 1: \"c: d\", '2': e}", ["a, b", "c: d", "e"]),
        ('names: [\n  "a ] b",\n  \'it\'\'s, so\',\n  "say \\"x, y\\"",\n]', ["a ] b", "it's, so", 'say "x, y"']),
        ("names: ['0: a', '1: b']", ["0: a", "1: b"]),
        ("names: [it's, don't, b]", ["it's", "don't", "b"]),
        ("names: [" + ", ".join(f'"{i}, x"' for i in range(99)) + "]", [f"{i}, x" for i in range(99)]),
    ],
)
def test_commas_colons_and_brackets_in_quotes_belong_to_the_name(text, names):
    assert parse_yaml_names(text)[0] == dict(enumerate(names))
    assert parse_yaml_names(text.rpartition("]" if "[" in text else "}")[0])[0] == {}


@pytest.mark.parametrize("files", [{"classes_txt": "\n".join(EXPRESSIONS)}, {"data_yaml": FLOW}])
@pytest.mark.parametrize("numbers", [range(1, 7), range(1, 8)])
def test_names_without_numbers_are_not_counted_from_0_where_the_labels_may_count_from_1(tmp_path, files, numbers):
    root = write(tmp_path, numbers, **files)
    with pytest.raises(UnclearNumbers, match=r"names without numbers, and .*/labels has the numbers 1, 2, .*--meaning"):
        read(root)
    assert read(root, Classes(order="rafdb"))[:3] == ["surprise", "fear", "disgust"]
    (root / "legend.csv").write_text("".join(f"{i},{name}\n" for i, name in enumerate(EXPRESSIONS, start=1)))
    assert read(root) == list(EXPRESSIONS)[: len(numbers)]


def test_names_with_numbers_need_no_other_word(tmp_path):
    assert read(write(tmp_path, range(1, 7), data_yaml=PAIRS)) == list(EXPRESSIONS[1:])


def test_a_class_that_is_no_whole_number_is_a_problem(tmp_path):
    reading = read_source("auto", write(tmp_path, [0, 1.6, 2, "1.0"], data_yaml=FLOW))
    assert reading.table["expression"].tolist() == ["angry", "fear", "disgust"]
    assert [problem.message for problem in reading.problems] == ["its class 1.6 is not a whole number from 0"]


def test_two_files_that_name_a_number_differently_are_refused(tmp_path):
    root = write(tmp_path, range(7), data_yaml=FLOW, classes_txt="\n".join(EXPRESSIONS[::-1]))
    with pytest.raises(
        InputError, match=r"calls 0 angry in data\.yaml and neutral in classes\.txt.*Move the wrong file away"
    ):
        read(root)
    assert read(root, Classes(order="fer2013")) == list(EXPRESSIONS)


def test_one_meaning_leaves_the_other_numbers_as_the_file_names_them(tmp_path):
    root = write(tmp_path, range(7), data_yaml=FLOW)
    assert read(root, Classes((("3", "leave-out"),))) == [name for name in EXPRESSIONS if name != "happy"]
