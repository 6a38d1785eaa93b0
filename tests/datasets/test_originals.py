import numpy as np
from PIL import Image

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.originals import read_originals
from tests.helpers.samples import write_expw, write_fer2013, write_image


def test_a_row_of_pixels_is_found_by_its_number_past_blank_and_bad_rows(tmp_path):
    path = write_fer2013(tmp_path, bad=["", "3,1 2 3,Training"])
    good = path.read_text().splitlines()[1]
    path.write_text(path.read_text() + good + "\n")
    dataset = assemble(DatasetRecipe("x", sources=(("fer2013", str(path)),), skip_bad=True))
    rows = np.array([0, 17, 42])
    assert dataset.table["origin"].iloc[rows].tolist() == ["row 1", "row 18", "row 44"]
    originals = dict(read_originals(dataset, rows))
    assert sorted(originals) == rows.tolist()
    for row, picture in originals.items():
        assert picture.mode == "RGB"
        assert np.array_equal(np.asarray(picture.convert("L")), dataset.faces[row])


def test_of_a_photograph_of_several_faces_it_is_the_box_in_its_own_size(tmp_path):
    dataset = assemble(DatasetRecipe("x", sources=(("auto", str(write_expw(tmp_path))),), split="80:10:10"))
    happy, angry = (picture for _, picture in read_originals(dataset, np.array([0, 1])))
    assert (happy.size, angry.size) == ((40, 40), (50, 50))
    assert (np.asarray(happy) == 255).all()
    assert (np.asarray(angry) == 128).all()


def test_colours_and_size_are_the_sources_and_what_is_gone_or_damaged_is_left_out(tmp_path):
    colours = {"angry": "red", "happy": "blue", "sad": "lime"}
    for expression, colour in colours.items():
        for i in range(10):
            path = tmp_path / "faces" / expression / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (90 + i, 60), colour).save(path)
    dataset = assemble(DatasetRecipe("x", sources=(("folder", str(tmp_path / "faces")),), split="80:10:10"))
    (tmp_path / "faces" / "angry" / "3.png").unlink()
    (tmp_path / "faces" / "happy" / "4.png").write_bytes(b"damaged")
    originals = dict(read_originals(dataset, np.arange(30)))
    told = [
        (dataset.table["origin"][row], picture.size, picture.getpixel((0, 0))) for row, picture in originals.items()
    ]
    assert ("sad/7.png", (97, 60), (0, 255, 0)) in told
    assert {origin for origin, *_ in told} == set(dataset.table["origin"]) - {"angry/3.png", "happy/4.png"}


def test_a_row_or_file_that_holds_another_face_by_now_is_no_original(tmp_path):
    path = write_fer2013(tmp_path / "csv")
    write_image(tmp_path / "faces" / "happy" / "a.png", 1)
    sources = (("fer2013", str(path)), ("folder", str(tmp_path / "faces")))
    dataset = assemble(DatasetRecipe("x", sources=sources, split="80:10:10"))
    rows = np.arange(len(dataset.table))
    assert len(dict(read_originals(dataset, rows))) == 43
    header, *lines = path.read_text().splitlines()
    path.write_text("\n".join([header, *lines[1:]]) + "\n")  # every face now stands a row earlier
    write_image(tmp_path / "faces" / "happy" / "a.png", 2)
    assert dict(read_originals(dataset, rows)) == {}
