"""FER+ folders whose label.csv somebody has saved in another form than the published one."""

import pytest

from fer_core.errors import InputError
from fer_core.sources.readers import read_source
from tests.helpers.samples import write_ferplus

SEVEN = ["neutral", "happy", "surprise", "sad", "angry", "disgust", "fear"]
HEADER = "Image name,Box,anger,disgust,fear,happiness,sadness,surprise,neutral,contempt,unknown,NF"
PLACES = (4, 5, 6, 1, 3, 2, 0, 7, 8, 9)  # of HEADER's answers in the published order


def rewrite(root, line, header=""):
    """Each label.csv of a sample with `line(name, votes)` in place of each line."""
    for file in write_ferplus(root).glob("*/label.csv"):
        rows = [row.split(',"(0, 0, 48, 48)",') for row in file.read_text().splitlines()]
        file.write_text(header + "\n".join(line(name, votes.split(",")) for name, votes in rows) + "\n")
    return root


def check(reading):
    assert reading.table["expression"].tolist() == SEVEN * 3
    assert reading.problems == []
    assert reading.table.loc[0, "votes_neutral"] == pytest.approx(5 / 10)


def test_a_header_of_ferplus_says_which_column_counts_which_answer(tmp_path):
    line = lambda name, votes: ",".join([name, '"(0, 0, 48, 48)"', *(votes[i] for i in PLACES)])  # noqa: E731
    check(read_source("auto", rewrite(tmp_path, line, f"{HEADER}\n")))


def test_a_header_of_ferplus_that_lacks_an_answer_is_refused(tmp_path):
    header = HEADER.replace("contempt", "boredom") + "\n"
    root = rewrite(tmp_path, lambda name, votes: f'{name},"(0, 0, 48, 48)",{",".join(votes)}', header)
    with pytest.raises(InputError, match=r"label\.csv names the columns .*boredom.* Rename the columns"):
        read_source("auto", root)


@pytest.mark.parametrize(
    "line",
    [
        lambda name, votes: f"{name};(0, 0, 48, 48);{';'.join(votes)}",
        lambda name, votes: f"{name},{','.join(votes)}",
        lambda name, votes: f"{name},,{','.join(votes)}",
        lambda name, votes: f"{name.removesuffix('.png')},(0, 0, 48, 48),{','.join(votes)}",
    ],
    ids=["semicolons", "no box", "an empty box", "no .png"],
)
def test_ferplus_is_read_with_other_separators_and_without_a_box(tmp_path, line):
    check(read_source("auto", rewrite(tmp_path, line)))
