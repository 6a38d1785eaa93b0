from dataclasses import asdict

import numpy as np
import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.errors import InputError
from fer_core.review.agreement import compare_with_votes, measure_entropy
from fer_core.review.queues import OPINIONS, list_disagreements, list_random
from fer_core.sources.records import MAJORITY
from tests.helpers.samples import USAGES, make_dataset, make_voted_dataset, write_fer2013

HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
NEUTRAL, TIE, CONTEMPT, UNKNOWN, NO_FACE, NOBODY = (
    "6,4,0,0,0,0,0,0,0,0", "5,5,0,0,0,0,0,0,0,0", "0,0,0,0,3,0,0,7,0,0", "4,0,0,0,0,0,0,0,6,0", "0,0,0,0,0,0,0,0,0,10",
    "0,0,0,0,0,0,0,0,0,0",
)  # fmt: skip


@pytest.fixture
def voted(tmp_path):
    """The first six faces, angry to surprise, have one sort of votes each; the others are unanimously happy."""
    source = write_fer2013(tmp_path / "v")
    votes = [NEUTRAL, TIE, CONTEMPT, UNKNOWN, NO_FACE, NOBODY, *["0,10,0,0,0,0,0,0,0,0"] * 36]
    lines = [HEADER, *(f"{USAGES[i // 7 % 3]},x.png,{line}" for i, line in enumerate(votes))]
    source.with_name("fer2013new.csv").write_text("\n".join(lines) + "\n")
    return assemble(DatasetRecipe("voted", sources=(("fer2013", str(source)),)))


def test_the_majority_is_what_more_people_chose_than_anything_else(voted):
    majority = voted.table[MAJORITY]
    assert majority.iloc[:5].tolist() == ["neutral", "tie", "contempt", "unknown", "not-a-face"]
    assert majority.isna().tolist() == [False] * 5 + [True] + [False] * 36
    assert set(majority.iloc[6:]) == {"happy"}


def test_labels_and_majorities_are_counted_against_each_other(voted):
    found = compare_with_votes(voted)
    assert found.n == sum(map(sum, found.table)) == 37
    assert (found.table[0][6], found.table[0][3], found.table[3][3]) == (1, 5, 5)
    assert found.agreement == 5 / 37
    assert found.outside == {"tie": 1, "contempt": 1, "unknown": 1, "not-a-face": 1}
    angry, happy = found.classes[0], found.classes[3]
    assert (angry.n, angry.agreement, happy.agreement) == (6, 0.0, 1.0)
    assert angry.entropy_bits == pytest.approx(0.970951 / 6)  # six to four, and five of one mind


def test_entropy_by_hand():
    shares = np.array([[1, 0, 0, 0, 0, 0, 0], [0.5, 0.5, 0, 0, 0, 0, 0], [1 / 7] * 7, [np.nan] * 7])
    assert measure_entropy(shares)[:3].tolist() == pytest.approx([0, 1, np.log2(7)])
    assert np.isnan(measure_entropy(shares)[3])


def test_disagreements_begin_with_the_labels_that_fewest_people_share(voted):
    found = list_disagreements(voted)
    rows = voted.find_rows(found["face_id"], None)
    assert not {1, 5} & set(rows)  # a tie and no vote disagree with nothing
    assert found.loc[rows == 2, "suggested"].tolist() == [""]  # contempt is none of the seven
    assert found.loc[rows == 0, OPINIONS[6]].tolist() == pytest.approx([0.6])
    own = voted.votes[rows, voted.labels[rows]]
    assert (np.diff(np.nan_to_num(own)) >= 0).all()


def test_a_data_set_without_votes_says_how_to_get_them(tmp_path):
    tiny = make_dataset(tmp_path)
    for ask in (compare_with_votes, list_disagreements):
        with pytest.raises(InputError, match=r"has no votes\. Put fer2013new.csv"):
            ask(tiny)
    assert list_random(tiny)[OPINIONS].isna().all(axis=None)


def test_random_faces_are_the_same_for_the_same_seed(tmp_path):
    voted = make_voted_dataset(tmp_path)
    first, again, other = list_random(voted), list_random(voted), list_random(voted, seed=1)
    assert first["face_id"].tolist() == again["face_id"].tolist() != other["face_id"].tolist()
    assert sorted(first["face_id"]) == sorted(voted.table["face_id"])


def test_agreement_is_that_of_the_sources_labels_whatever_the_faces_are_called_now(tmp_path):
    dataset = make_voted_dataset(tmp_path)
    before = compare_with_votes(dataset)
    dataset.table["expression"] = "happy"
    assert compare_with_votes(dataset) == before


def test_faces_without_votes_count_nowhere_and_a_class_of_them_has_no_agreement(tmp_path):
    dataset = make_voted_dataset(tmp_path)
    table = dataset.table
    shares = [column for column in table if column.startswith("votes_")]
    is_angry = table["original_expression"] == "angry"
    table.loc[is_angry, [MAJORITY, *shares]] = None
    table.loc[table.index[table["original_expression"] == "disgust"][0], shares] = None
    table.loc[table["original_expression"] == "neutral", shares] = [float(share == "votes_sad") for share in shares]
    angry, disgust, *_, neutral = compare_with_votes(dataset).classes
    assert neutral.entropy_bits == 0
    assert asdict(angry) == {"expression": "angry", "n": 0, "agreement": None, "entropy_bits": None}
    assert disgust.entropy_bits == pytest.approx(0.469, abs=1e-3)
