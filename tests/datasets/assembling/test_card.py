import re

import pandas as pd
import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.card import build_card, read_card
from fer_core.datasets.assembling.command import build_command
from fer_core.datasets.assembling.demo import make_demo
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.corrections.log import open_log
from fer_core.datasets.dataset import open_dataset
from fer_core.datasets.info import DatasetInfo
from fer_core.review.correct import correct_face
from fer_core.sources.readers import READERS
from tests.helpers import samples
from tests.helpers.demo import N_FEW, draw_few_people
from tests.helpers.samples import change, make_dataset, make_voted_dataset, write_ckplus, write_fer2013, write_image


def write_folder(root):
    write_image(root / "folder <b> | x" / "happy" / "a.png")
    return root / "folder <b> | x"


def write_csv(root):
    write_image(root / "a.png")
    (root / "mine.csv").write_text("path,label\na.png,happy\n")
    return root / "mine.csv"


def write_parquet(root):
    root.mkdir()
    picture = write_csv(root).with_name("a.png").read_bytes()
    pd.DataFrame({"image": [picture], "label": ["happy"]}).to_parquet(root / "x.parquet")
    return root / "x.parquet"


SAMPLED = ("ckplus", "rafdb", "jaffe", "expw", "affectnet", "ferplus", "kdef", "yolo")
WRITERS = {
    **{name: getattr(samples, f"write_{name}") for name in SAMPLED},
    "folder": write_folder,
    "csv": write_csv,
    "pixelcsv": lambda root: write_fer2013(root, 1),
    "parquet": write_parquet,
    "demo": lambda root: f"{N_FEW} faces",
}


@pytest.mark.parametrize("reader", [name for name in READERS if name != "fer2013"])
def test_a_source_of_any_kind_has_a_card_with_its_licence(tmp_path, reader, monkeypatch):
    draw_few_people(monkeypatch)
    path = WRITERS[reader](tmp_path / "s")
    sources = (("fer2013", str(write_fer2013(tmp_path))), (reader, str(path)))
    card = (assemble(DatasetRecipe("x", sources=sources)).path / "CARD.md").read_text(encoding="utf-8")
    part = card[card.index(f"### {reader}\n") :]
    assert re.search(r"- Licence: .+\.\n- Known faults: .+", part)
    assert "None" not in card


def test_drawn_faces_have_a_card_that_says_that_they_are_drawn(monkeypatch):
    draw_few_people(monkeypatch)
    card = build_card(make_demo("drawn", N_FEW).info)
    assert f"{N_FEW} drawn faces (no photographs)" in card
    assert "say nothing about photographs" in card


def test_the_card_is_the_same_but_for_the_date(tmp_path):
    recipe = DatasetRecipe("x", sources=(("fer2013", str(write_fer2013(tmp_path))),))
    first, second = assemble(recipe).info, assemble(recipe).info
    assert build_card(change(second, made=first.made)) == build_card(first)
    assert build_card(change(first, made="1999-12-31T00:00:00+0000")).count("1999") == 1


def test_its_numbers_are_those_of_the_data_set(tmp_path):
    sources = (("fer2013", str(write_fer2013(tmp_path))), ("ckplus", str(write_ckplus(tmp_path))))
    dataset = assemble(DatasetRecipe("x", sources=sources, caps=(("ckplus", 2),), balance=("fer2013",)))
    card = build_card(dataset.info)
    rows = re.findall(r"^\| (fer2013|ckplus) \| (\w+) \| (\d+) \| (\d+) \| (\d+) \|$", card, re.M)
    assert len(rows) == 14
    assert sum(int(n) for row in rows for n in row[2:]) == len(dataset.table)
    assert "excluded: contempt 3, limit 3;" in card
    assert "Limits: ckplus: at most 2 training faces per class; fer2013: every class reduced to as many" in card
    assert "excluded: 3 training faces" in card
    assert dataset.info.fingerprint in card
    assert f"```bash\n{build_command(dataset.info)}\n```" in card


def test_copies_and_test_faces_that_are_also_in_the_training_are_counted(tmp_path):
    path = write_fer2013(tmp_path)
    test = next(line for line in path.read_text().splitlines() if line.endswith("PrivateTest"))
    path.write_text(f"{path.read_text()}{test.replace('PrivateTest', 'Training')}\n")
    card = build_card(assemble(DatasetRecipe("x", sources=(("fer2013", str(path)),))).info)
    assert "| exact | 1 | 2 | 1 | 0 | 1 |" in card
    assert "| exact or near | 1 | 2 | 1 | 0 | 1 |" in card


def test_turned_copies_that_were_not_looked_for_are_said_with_the_way_to_have_them(tmp_path):
    info = make_dataset(tmp_path).info
    assert "Turned" not in build_card(info)
    card = build_card(change(info, turned_searched=False))
    assert "because there are more than 60,000 different faces. `fer data assemble --turned` searches for them." in card
    assert "Turned" not in build_card(change(info, turned_searched=None))


def test_changed_labels_are_told_from_what_to_what_and_by_whom(tmp_path):
    make_voted_dataset(tmp_path)
    source = tmp_path / "voted-source" / "fer2013.csv"
    card = build_card(assemble(DatasetRecipe("voted", sources=(("fer2013", str(source)),), labels="votes")).info)
    assert "| votes | 12 | 0 |" in card
    assert "| angry |  |  |  | 2 |  |  |  |  |" in card


def test_corrections_that_a_data_set_needs_are_named(tmp_path):
    dataset = make_dataset(tmp_path)
    face = dataset.table.loc[dataset.table["split"] == "train"].iloc[0]
    other = "happy" if face["expression"] != "happy" else "sad"
    correct_face(dataset, open_log("tiny"), face["face_id"], other, "someone")
    again = assemble(DatasetRecipe("tiny", sources=tuple(map(tuple, dataset.info.recipe.sources))))
    assert "It also needs the corrections of tiny up to line 1." in build_card(again.info)
    assert "| person | 1 | 0 |" in build_card(again.info)


def test_flags_are_counted_where_there_are_any(tmp_path):
    info = make_dataset(tmp_path).info
    counts = [{"flag": "dark", "source": "fer2013", "split": "test", "n": 4}]
    assert "| dark | fer2013 | 0 | 0 | 4 |" in build_card(change(info, quality={"counts": counts}))
    assert "Flagged" not in build_card(change(info, quality=None))


def test_a_data_set_of_before_there_were_cards_has_one_too(tmp_path):
    dataset = make_dataset(tmp_path)
    (dataset.path / "CARD.md").unlink()
    old = change(dataset.info, balance=None, labels=None, n_dropped_copies=None).to_document()
    del old["copies"]["near"], old["version"]
    old["recipe"] = {key: old["recipe"][key] for key in ("name", "sources", "split", "size", "seed", "skip_bad")}
    card = read_card(dataset.path, DatasetInfo.model_validate(old))
    assert "| angry | - | - | 2 |" in card
    assert "Near copies were not searched for." in card


def test_a_card_that_lies_in_the_folder_is_read(tmp_path):
    dataset = make_dataset(tmp_path)
    (dataset.path / "CARD.md").write_text("edited")
    assert read_card(dataset.path, open_dataset("tiny").info) == "edited"


def test_its_front_matter_is_yaml_with_the_splits(tmp_path):
    yaml = pytest.importorskip("yaml")
    info = make_dataset(tmp_path, "1.5").info
    front = yaml.safe_load(build_card(info).split("---\n")[1])
    assert (front["pretty_name"], front["license"], front["size_categories"]) == ("1.5", "other", ["n<1K"])
    assert {part["name"]: part["num_examples"] for part in front["dataset_info"]["splits"]} == info.splits


def test_what_a_source_brings_does_not_break_the_markdown(tmp_path):
    info = make_dataset(tmp_path).info
    odd = {"notes": ["a | b\n# <script>"], "left_out": {"*odd*": 2}, "layout": "<class>/*"}
    card = build_card(change(info, sources=[info.sources[0].to_document() | odd]))
    assert r"- Note: a \| b \# \<script\>" in card
    assert r"excluded: \*odd\* 2;" in card


def test_flagged_faces_left_out_and_faces_not_found_are_in_the_card(tmp_path):
    info = make_dataset(tmp_path).info
    left_out = {"n": 3, "n_held_back": 0, "by_flag": {"dark": 2, "tiny": 1}}
    assert "Excluded by flag: 2 dark, 1 tiny." in build_card(
        change(info, quality={"n_flagged": 0, "counts": [], "left_out": left_out})
    )
    assert "Alignment" not in build_card(info)
    aligned = build_card(change(info, alignment={"fer2013": {"found": 40, "not_found": 2}}))
    assert "| fer2013 | 40 | 2 |" in aligned
