import numpy as np
import pytest

from fer_core.base.progress import no_progress
from fer_core.datasets.assembling.sheets import SHEETS, make_compressed, open_same, read_info, unpack_sheets
from fer_core.datasets.dataset import delete_dataset, open_dataset
from fer_core.errors import InputError
from tests.helpers.samples import make_dataset, make_voted_dataset


def test_only_training_faces_lose_something_and_the_table_stays(tmp_path):
    source = make_voted_dataset(tmp_path)
    made = make_compressed("small", source, 95, no_progress)
    trains = (source.table["split"] == "train").to_numpy()
    assert (made.faces[~trains] == source.faces[~trains]).all()
    error = np.abs(made.faces[trains].astype(int) - source.faces[trains]).mean()
    assert 0 < error < 3
    assert made.info.compressed.mean_error == round(error, 3)
    assert made.table.equals(source.table)
    assert made.info.fingerprint != source.info.fingerprint
    assert "WebP at quality 95" in (made.path / "CARD.md").read_text()


def test_packed_sheets_make_the_very_data_set_elsewhere(tmp_path, monkeypatch):
    made = make_compressed("small", make_dataset(tmp_path), 95, no_progress)
    assert open_same(made.path / SHEETS).path == made.path
    monkeypatch.setenv("FER_HOME", str(tmp_path / "elsewhere"))
    assert open_same(made.path / SHEETS) is None
    again = unpack_sheets(made.path / SHEETS, no_progress)
    assert (again.faces == made.faces).all()
    assert again.info == made.info
    assert again.info.compressed.decoded_alike


def test_another_data_set_of_that_name_is_not_taken_for_it(tmp_path):
    made = make_compressed("small", make_dataset(tmp_path), 95, no_progress)
    sheets = tmp_path / SHEETS
    sheets.write_bytes((made.path / SHEETS).read_bytes())
    delete_dataset("small")
    make_compressed("small", open_dataset("tiny"), 50, no_progress)
    with pytest.raises(InputError, match="The data set 'small' in the workspace"):
        open_same(sheets)


def test_a_damaged_file_is_refused(tmp_path):
    made = make_compressed("small", make_dataset(tmp_path), 95, no_progress)
    sheets = tmp_path / SHEETS
    whole = (made.path / SHEETS).read_bytes()
    sheets.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    with pytest.raises(InputError, match="is damaged"):
        unpack_sheets(sheets, no_progress)
    sheets.write_bytes(b"no zip")
    with pytest.raises(InputError, match="has no data set"):
        read_info(sheets)
