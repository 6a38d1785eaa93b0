import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from tests.helpers.masks import write_classes
from tests.helpers.pages import open_page
from tests.helpers.samples import make_voted_dataset


@pytest.fixture(autouse=True)
def joined(tmp_path):
    make_voted_dataset(tmp_path)
    sources = ("fer2013", str(tmp_path / "voted-source")), ("folder", str(write_classes(tmp_path / "classes")))
    return assemble(DatasetRecipe("joined", sources=sources, near=False))


def test_the_form_says_which_source_teaches_which_head_before_a_run_is_started():
    app = open_page("train")
    app.selectbox(key="train.dataset").set_value("joined").run()
    app.selectbox(key="train.preset").set_value("fast").run()
    sentence = "the people head from the votes on 14 faces and the labels of 8 faces of folder"
    assert any(sentence in caption.value for caption in app.caption)
    app.text_input(key="train.fast.labels_from").set_value("fer2014").run()
    assert "joined has no source 'fer2014'. Choose from fer2013, folder, or all." in app.error[0].value


def test_the_form_says_nothing_of_sources_for_a_data_set_of_one():
    app = open_page("train")
    app.selectbox(key="train.dataset").set_value("voted").run()
    assert not [caption for caption in app.caption if "labels head" in caption.value]
