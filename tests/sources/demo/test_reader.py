from pathlib import Path

import pytest

from fer_core.errors import InputError
from fer_core.sources.demo.reader import N_FACES, name_demo, parse_demo
from fer_core.sources.readers import read_source


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", (N_FACES, 0)),
        (".", (N_FACES, 0)),
        ("500", (500, 0)),
        ("500 faces", (500, 0)),
        ("seed 3", (N_FACES, 3)),
        (name_demo(500, 3), (500, 3)),
    ],
)
def test_its_path_says_how_many_faces_are_drawn_and_by_which_seed(path, expected):
    assert parse_demo(path) == expected


@pytest.mark.parametrize("path", ["/data/fer2013.csv", "many", "500 seed 3", "-1"])
def test_a_path_that_says_neither_is_refused_with_an_example(path):
    with pytest.raises(InputError, match=r"expected how many faces to draw, such as demo=500"):
        parse_demo(path)


def test_the_drawn_faces_are_read_as_any_other_source():
    told = []
    reading = read_source("demo", Path("420 faces, seed 2"), progress=lambda *step: told.append(step))
    assert (reading.source, reading.drawn, len(reading.table)) == ("demo", True, 420)
    assert reading.pixels.shape == (420, 64, 64)
    assert told[-1] == ("drawing faces", 420, 420)


def test_too_few_faces_are_refused():
    with pytest.raises(InputError, match=r"60 subjects need at least 420 faces"):
        read_source("demo", Path("100"))
