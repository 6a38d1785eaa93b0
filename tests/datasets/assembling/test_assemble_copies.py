import numpy as np
import pytest
from PIL import Image

from fer_core.bench.copies import draw_waves
from fer_core.bench.planted import PLANTED
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.checks.turned import search
from fer_core.datasets.checks.turned.search import explain_unsearched
from fer_core.errors import InputError
from tests.helpers.copies import write_copies
from tests.helpers.samples import write_affectnet, write_ckplus, write_fer2013


def recipe(tmp_path, name="joined", **options):
    sources = (
        ("fer2013", str(write_fer2013(tmp_path / "f"))),
        ("ckplus", str(write_ckplus(tmp_path / "c"))),
        ("affectnet", str(write_affectnet(tmp_path / "a"))),
    )
    return DatasetRecipe(name, sources=sources, **options)


def test_near_copies_are_one_group_and_are_counted(tmp_path):
    sources = write_copies(tmp_path)
    dataset = assemble(DatasetRecipe("near", sources=sources, split="80:10:10"))
    for face in range(5):
        rows = dataset.table[dataset.table["origin"].str.contains(f"/{face:02d}")]
        assert rows["group"].nunique() == rows["split"].nunique() == 1
    near = dataset.info.copies.near
    assert (near.groups, near.images, near.groups_with_contradicting_labels) == (5, 10, 5)
    assert (dataset.info.copies.groups, dataset.info.n_dropped_copies) == (0, 0)
    exact = assemble(DatasetRecipe("exact", sources=sources, split="80:10:10", near=False))
    assert exact.table["group"].nunique() == 25
    assert exact.info.copies.near is None


def test_turned_copies_are_looked_for_up_to_a_number_of_faces_and_beyond_it_where_asked(tmp_path, monkeypatch):
    write_copies(tmp_path)
    face = np.asarray(Image.open(tmp_path / "waves" / "happy" / "09.png"))
    Image.fromarray(PLANTED["rotated by 10 degrees"](face, np.random.default_rng(0))).save(
        tmp_path / "waves/sad/09.png"
    )
    monkeypatch.setattr(search, "MAX_FACES", 25)  # one less than there are different ones
    steps = []

    def make(**fields):
        recipe = DatasetRecipe("x", sources=(("folder", str(tmp_path / "waves")),), split="80:10:10", **fields)
        info = assemble(recipe, lambda step, done, total: steps.append((step, done, total))).info
        return info.copies.near.groups, info.turned_searched, explain_unsearched(info)

    told = "Turned, shifted and cropped copies were not searched for, "
    assert make() == (5, False, told + "because there are more than 25 different faces.")
    assert make(turned=False) == (5, False, told + "as requested.")
    assert "finding turned copies" not in {step for step, *_ in steps}
    assert make(turned=True) == (6, True, "")
    done = [done for step, done, _ in steps if step == "finding turned copies"]
    assert done == sorted(done)
    assert ("finding turned copies", 9, 10) in steps
    monkeypatch.setattr(search, "MAX_FACES", 26)
    assert make() == (6, True, "")


def test_turned_copies_without_near_ones_are_refused():
    with pytest.raises(InputError, match="Turned copies are near copies"):
        DatasetRecipe("x", sources=(("auto", "/x"),), near=False, turned=True)


@pytest.mark.parametrize(("rule", "n"), [("drop_surplus", 20), ("drop_contradicting", 15)])
def test_dropped_copies_are_gone_from_faces_and_table(tmp_path, rule, n):
    sources = write_copies(tmp_path)
    whole = assemble(DatasetRecipe("whole", sources=sources, split="80:10:10"))
    dataset = assemble(DatasetRecipe("fewer", sources=sources, split="80:10:10", copies=rule))
    assert (len(dataset.table), len(dataset.faces), dataset.info.n_dropped_copies) == (n, n, 25 - n)
    places = whole.table["face_id"].tolist()
    for row, face_id in enumerate(dataset.table["face_id"]):
        assert np.array_equal(dataset.faces[row], whole.faces[places.index(face_id)])
    assert sorted(file.name for file in dataset.path.iterdir()) == [
        "CARD.md", "dataset.json", "faces.npy", "faces.parquet", "left_out.npy", "left_out.parquet",
    ]  # fmt: skip


@pytest.mark.parametrize("rule", ["drop_surplus", "drop_contradicting"])
def test_frames_of_one_person_are_no_copies_of_each_other(tmp_path, rule):
    face, other = draw_waves(2, np.random.default_rng(0)).astype(int)
    names = [
        "anger/S010_004_00000017",
        "anger/S010_004_00000018",
        "disgust/S010_005_00000011",
        "fear/S011_001_00000001",
    ]
    for i, name in enumerate(names):
        path = tmp_path / "CK+48" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(((face * 9 + other * (0, 1, 3, 0)[i]) // (9 + (0, 1, 3, 0)[i])).astype(np.uint8)).save(path)
    table = assemble(DatasetRecipe("whole", sources=(("ckplus", str(tmp_path / "CK+48")),), split="80:10:10")).table
    assert table["sequence"].tolist() == ["S010_004", "S010_004", "S010_005", "S011_001"]
    kept = assemble(
        DatasetRecipe("kept", sources=(("ckplus", str(tmp_path / "CK+48")),), split="80:10:10", copies=rule)
    ).table
    gone = set(table["face_id"]) - set(kept["face_id"])
    # The last is another person with the very pixels of the first: one picture. The others show one person.
    assert gone == {f"ckplus:{name}.png" for name in ([names[3]] if rule == "drop_surplus" else [names[0], names[3]])}


def test_leaks_alone_are_dropped_and_the_list_of_what_is_left_out_says_so(tmp_path):
    path = write_fer2013(tmp_path)
    lines = path.read_text().splitlines()
    test = next(line for line in lines if line.endswith("PrivateTest"))
    train = next(line for line in lines if line.endswith("Training"))
    path.write_text("\n".join([*lines, test.replace("PrivateTest", "Training"), train]) + "\n")
    kept = assemble(DatasetRecipe("kept", sources=(("auto", str(path)),)))
    dropped = assemble(DatasetRecipe("dropped", sources=(("auto", str(path)),), copies="drop_leaks"))
    assert dropped.info.splits == {**kept.info.splits, "train": kept.info.splits["train"] - 1}
    assert [row.to_document() for row in dropped.info.left_out] == [
        {"source": "pixelcsv", "split": "train", "reason": "copy in validation or test", "n": 1}
    ]
    assert not dropped.table["near_copy_in_train"].any()
    assert dropped.table["sha256"].duplicated().sum() == 1  # two training faces are copies, and stay


def test_a_test_face_of_the_official_split_keeps_its_place_and_its_copies_go(tmp_path):
    path = write_fer2013(tmp_path)
    lines = path.read_text().splitlines()
    test, other = [line for line in lines if line.endswith("PrivateTest")][:2]
    label, pixels, _ = other.split(",")
    mirrored = " ".join(np.array(pixels.split()).reshape(48, 48)[:, ::-1].ravel())
    path.write_text("\n".join([*lines, test.replace("PrivateTest", "Training"), f"{label},{mirrored},Training"]) + "\n")
    kept = assemble(DatasetRecipe("kept", sources=(("auto", str(path)),)))
    assert (kept.table["near_copy_in_train"].sum(), kept.table["copy_in_train"].sum()) == (2, 1)
    fewer = assemble(DatasetRecipe("fewer", sources=(("auto", str(path)),), copies="drop_surplus"))
    assert fewer.info.splits["test"] == kept.info.splits["test"]
    assert fewer.info.splits["train"] == kept.info.splits["train"] - 2
    assert not fewer.table["near_copy_in_train"].any()
