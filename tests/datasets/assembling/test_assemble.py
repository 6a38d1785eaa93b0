import errno
import json

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from fer_core.bench.copies import draw_waves
from fer_core.datasets.assembling import assemble as assembling
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.left_out import open_left_out
from fer_core.datasets.assembling.recipe import DatasetRecipe, parse_source
from fer_core.datasets.dataset import dataset_names, delete_dataset, open_dataset
from fer_core.datasets.info import DatasetInfo
from fer_core.errors import InputError
from tests.helpers.samples import write_affectnet, write_ckplus, write_fer2013, write_image

BAD_ROW = "3,1 2 3,Training"


def recipe(tmp_path, name="joined", **options):
    sources = (
        ("fer2013", str(write_fer2013(tmp_path / "f"))),
        ("ckplus", str(write_ckplus(tmp_path / "c"))),
        ("affectnet", str(write_affectnet(tmp_path / "a"))),
    )
    return DatasetRecipe(name, sources=sources, **options)


def test_three_sources_become_one_data_set_with_nothing_lost_silently(tmp_path):
    dataset = assemble(recipe(tmp_path))
    assert dataset.faces.shape == (42 + 9 + 4, 48, 48)
    assert isinstance(dataset.faces, np.memmap)
    assert dataset.info.n == len(dataset.table) == 55
    assert [(s.source, s.n, s.left_out) for s in dataset.info.sources] == [
        ("fer2013", 42, {}), ("ckplus", 9, {"contempt": 3}), ("affectnet", 4, {"contempt": 1}),
    ]  # fmt: skip
    assert set(dataset.table.loc[dataset.table["source"] != "fer2013", "split"]) == {"train"}
    assert sum(row.n for row in dataset.info.counts) == 55
    assert dataset.table["face_id"].is_unique


def test_a_face_keeps_its_own_pixels_and_copies_where_others_of_several_sources_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr("fer_core.datasets.assembling.decode._CHUNK", 4)  # of the six pictures of each
    waves = draw_waves(6, np.random.default_rng(0))
    for source in ("one", "two"):
        folder = tmp_path / source / "happy"
        folder.mkdir(parents=True)
        for i, face in enumerate(waves if source == "two" else 255 - waves):
            Image.fromarray(face).save(folder / f"{i}.png")
        (folder / "1.png").write_bytes(b"none")
        (folder / "3.png").write_bytes(b"none")
    Image.fromarray(waves[4, :, ::-1]).save(tmp_path / "two" / "happy" / "0.png")
    sources = tuple(("folder", str(tmp_path / source)) for source in ("one", "two"))
    dataset = assemble(DatasetRecipe("joined", sources=sources, skip_bad=True, split="80:10:10"))
    paths = [tmp_path / source / "happy" / f"{i}.png" for source in ("one", "two") for i in (0, 2, 4, 5)]
    assert np.array_equal(dataset.faces, [np.asarray(Image.open(path)) for path in paths])
    assert dataset.table["copy_group"].tolist() == [0, 1, 2, 3, 4, 5, 4, 6]
    assert np.allclose(dataset.table["contrast"], dataset.faces.std((1, 2)) / 255, atol=1e-6)
    fewer = assemble(DatasetRecipe("fewer", sources=sources, skip_bad=True, split="80:10:10", copies="drop_surplus"))
    assert np.array_equal(fewer.faces, np.delete(dataset.faces, 6, axis=0))
    assert np.array_equal(open_left_out(fewer).faces, dataset.faces[6:7])


def test_no_subject_and_no_group_is_in_two_splits_when_the_split_is_drawn(tmp_path):
    table = assemble(recipe(tmp_path, split="80:10:10")).table
    assert (table.groupby("group")["split"].nunique() == 1).all()
    subjects = table[table["subject"] != ""].groupby(["source", "subject"])["split"].nunique()
    assert len(subjects) == 2
    assert (subjects == 1).all()


def test_the_same_recipe_gives_the_same_fingerprint_and_another_size_another(tmp_path):
    first = assemble(recipe(tmp_path)).info.fingerprint
    assert assemble(recipe(tmp_path, name="again")).info.fingerprint == first
    assert assemble(recipe(tmp_path, name="larger", size=64)).info.fingerprint != first


def test_a_bad_row_stops_it_with_the_row_and_the_next_step(tmp_path):
    path = write_fer2013(tmp_path, bad=[BAD_ROW, BAD_ROW])
    with pytest.raises(InputError, match=r"fer2013\.csv row 43: expected 2304 pixels .*\(1 more problem\).*--skip-bad"):
        assemble(DatasetRecipe("bad", sources=(("auto", str(path)),)))
    assert dataset_names() == []


def test_a_source_of_bad_rows_alone_stops_it_too(tmp_path):
    (tmp_path / "fer2013.csv").write_text(f"emotion,pixels,Usage\n{BAD_ROW}\n")
    sources = (("auto", str(write_fer2013(tmp_path / "good"))), ("auto", str(tmp_path / "fer2013.csv")))
    with pytest.raises(InputError, match=r"fer2013\.csv row 1: expected 2304 pixels"):
        assemble(DatasetRecipe("bad", sources=sources))


@pytest.mark.parametrize("wrong", [{"split": "leave-out:jaffe"}, {"caps": (("jaffe", 3),)}, {"balance": ("jaffe",)}])
def test_a_choice_that_names_no_source_is_refused_before_the_faces_are_read(tmp_path, monkeypatch, wrong):
    monkeypatch.setattr(assembling, "write_source", None)
    with pytest.raises(InputError, match=r"no source 'jaffe' .* Choose one of fer2013, ckplus, affectnet"):
        assemble(recipe(tmp_path, **wrong))


def test_an_assembly_at_work_is_neither_begun_again_nor_swept_away(tmp_path, workspace):
    partial = workspace / "datasets" / ".joined.partial"
    partial.mkdir(parents=True)
    with FileLock(workspace / "datasets" / ".joined.lock"):
        with pytest.raises(InputError, match="'joined' is already being assembled"):
            assemble(recipe(tmp_path))
        assemble(DatasetRecipe("other", sources=(("auto", str(write_fer2013(tmp_path))),)))
        assert partial.is_dir()


def test_a_process_of_a_failed_assembly_that_still_writes_faces_reaches_no_later_one(tmp_path, monkeypatch):
    files = []
    write = assembling.write_source

    def note(reading, target, *rest):
        files.append(target.file)
        return write(reading, target, *rest)

    monkeypatch.setattr(assembling, "write_source", note)
    monkeypatch.setattr(assembling, "refuse_problems", lambda reading: None)  # so that it fails as it writes
    bad = write_fer2013(tmp_path / "bad", bad=[BAD_ROW])
    with pytest.raises(InputError):
        assemble(DatasetRecipe("x", sources=(("auto", str(bad)),)))
    dataset = assemble(DatasetRecipe("x", sources=(("auto", str(bad)),), skip_bad=True))
    assert len(set(files)) == 2
    with pytest.raises(FileNotFoundError):
        files[0].write(0, np.full((1, 48, 48), 9, np.uint8))
    assert sorted(path.name for path in dataset.path.iterdir()) == [
        "CARD.md",
        "dataset.json",
        "faces.npy",
        "faces.parquet",
    ]


def test_what_killed_assemblies_left_is_removed_and_gets_into_no_data_set(tmp_path, workspace):
    sources = recipe(tmp_path).sources
    assemble(DatasetRecipe("joined", sources=sources))
    for name in (".joined.partial", ".other.partial", ".joined.old"):
        (workspace / "datasets" / name).mkdir()
        (workspace / "datasets" / name / "part").touch()
    assert not (assemble(DatasetRecipe("joined", sources=sources)).path / "part").exists()
    assert sorted(path.name for path in (workspace / "datasets").iterdir()) == [".joined.lock", "joined"]


def test_bad_rows_are_skipped_and_counted_where_asked(tmp_path):
    write_image(tmp_path / "p" / "happy" / "a.png")
    (tmp_path / "p" / "happy" / "b.png").write_text("no image")
    path = write_fer2013(tmp_path, bad=[BAD_ROW])
    dataset = assemble(
        DatasetRecipe("good", sources=(("fer2013", str(path)), ("folder", str(tmp_path / "p"))), skip_bad=True)
    )
    assert (dataset.info.n, dataset.info.n_skipped, len(dataset.faces)) == (43, 2, 43)
    assert [(p.source, p.origin) for p in dataset.info.problems] == [
        ("fer2013", "row 43"),
        ("folder", "happy/b.png"),
    ]


def test_a_failed_assembly_leaves_the_data_set_of_that_name_as_it_was(tmp_path, workspace):
    kept = assemble(DatasetRecipe("kept", sources=(("auto", str(write_fer2013(tmp_path / "a"))),))).info
    bad = write_fer2013(tmp_path / "b", bad=[BAD_ROW])
    with pytest.raises(InputError):
        assemble(DatasetRecipe("kept", sources=(("auto", str(bad)),)))
    assert open_dataset("kept").info == kept
    assert [p.name for p in (workspace / "datasets").iterdir() if not p.name.endswith(".lock")] == ["kept"]


def test_a_full_disk_is_told_and_leaves_nothing_behind(tmp_path, workspace, monkeypatch):
    def fail(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(assembling.np.lib.format, "open_memmap", fail)
    with pytest.raises(InputError, match="is full"):
        assemble(DatasetRecipe("full", sources=(("auto", str(write_fer2013(tmp_path))),)))
    assert [p.name for p in (workspace / "datasets").iterdir()] == [".full.lock"]


def test_two_folders_are_told_apart(tmp_path):
    for name in ("one", "two"):
        write_image(tmp_path / name / "happy" / "a.png", seed=len(name))
    sources = (
        ("fer2013", str(write_fer2013(tmp_path))),
        ("folder", str(tmp_path / "one")),
        ("folder", str(tmp_path / "two")),
    )
    assert [s.source for s in assemble(DatasetRecipe("x", sources=sources)).info.sources] == [
        "fer2013",
        "folder",
        "folder-2",
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"name": "../x"}, {"sources": ()}, {"split": "half"}, {"size": 50}, {"copies": "burn"}],
    ids=["name", "no source", "split", "size", "copies"],
)
def test_a_wrong_recipe_is_refused_at_once(wrong):
    with pytest.raises(InputError):
        DatasetRecipe(**{"name": "x", "sources": (("auto", "p"),), **wrong})


def test_a_source_may_be_a_bare_path(tmp_path):
    assert parse_source(str(tmp_path)) == ("auto", str(tmp_path))
    assert parse_source(f"ckplus={tmp_path}") == ("ckplus", str(tmp_path))


def test_an_unknown_data_set_names_those_that_there_are(tmp_path):
    assemble(DatasetRecipe("known", sources=(("auto", str(write_fer2013(tmp_path))),)))
    with pytest.raises(InputError, match=r"no data set 'other' \(available: known\)"):
        open_dataset("other")
    delete_dataset("known")
    assert dataset_names() == []


def test_the_description_is_plain_json(tmp_path):
    info = assemble(recipe(tmp_path)).info
    document = info.to_document()
    assert DatasetInfo.model_validate(json.loads(json.dumps(document))) == info
    assert document["recipe"]["split"] == "official"
