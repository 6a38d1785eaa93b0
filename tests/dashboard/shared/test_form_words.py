"""Sentences of the engine name options of the command line; on a page they name its boxes."""

import ast
import re

import pytest

from dashboard.data.assembly import describe_problems
from dashboard.shared.form_words import in_form_words
from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.sources.classes import UnclearNumbers
from tests.helpers.project import ROOT
from tests.helpers.samples import write_fer2013, write_image

CORE = ROOT / "fer_core"
OPTION = re.compile(r"(?<![\w-])--[a-z]")
NOT_ON_PAGES = {  # files whose sentences with options only the command line shows, and those that are no sentences
    "config.py", "launch.py", "ensemble.py", "command.py", "pseudo.py", "slurm.py", "poll.py", "create.py",
    "places.py", "table_file.py",
}  # fmt: skip


def read_sentences():
    """(file, text) of every text in the engine that has an option in it; what is filled in stands as X."""
    for path in sorted(CORE.rglob("*.py")):
        if {"cli", "bench", "gpu"} & set(path.relative_to(CORE).parts) or path.name in NOT_ON_PAGES:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        held = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                held.add(id(node.value))  # a docstring
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in held:
                text = _fill(node)
                if OPTION.search(text) and " " in text and not text.startswith("fer "):
                    yield path.name, text


def _fill(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(_fill(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "X"


def test_no_sentence_on_a_page_names_an_option_of_the_command_line():
    sentences = [pair for pair in read_sentences() if "expected CLASS=EXPRESSION" not in pair[1]]
    assert len(sentences) > 10
    told = [(name, in_form_words(text)) for name, text in sentences]
    assert [pair for pair in told if OPTION.search(re.sub("`fer [^`]*`", "", pair[1]))] == []


@pytest.mark.parametrize("image", ["1/a.png", "a.png"])
def test_numbers_that_nobody_explains_are_asked_about_in_the_words_of_either(tmp_path, image):
    source = tmp_path / "own"
    for number in range(1, 8):
        write_image(source / image.replace("1", str(number)), number)
    if image == "a.png":
        (source / "list.csv").write_text("path,label\na.png,1\n")
        source = source / "list.csv"
    with pytest.raises(UnclearNumbers, match="with --meaning numbers=") as caught:
        inspect_source(source)
    words = in_form_words(str(caught.value))
    assert "under “Order of the numbers”" in words and "legend.csv" in words and "--" not in words
    assert "EXPRESSION" not in words


def test_rows_that_cannot_be_used_are_counted_in_a_sentence(tmp_path):
    for seed, name in enumerate(("happy", "sad", "furious")):
        write_image(tmp_path / "own" / name / "a.png", seed)
    one = describe_problems(inspect_source(tmp_path / "own", decode=False))
    assert one.startswith("1 row or image cannot be used: furious/a.png: 'furious' is not a known class: say what")
    assert "--" not in one and one.endswith("to assemble without it.")
    two = describe_problems(inspect_source(write_fer2013(tmp_path, bad=["3,1 2,Training", "9,1,Training"])))
    assert two.startswith("2 rows or images cannot be used. The first, row 43: ")
