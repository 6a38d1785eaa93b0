"""docs/api.md, made from the docstrings."""

import fer_core
from tests.api_page import PAGE, SECTIONS, build_page


def test_the_page_is_what_the_docstrings_make():
    assert PAGE.read_text(encoding="utf-8") == build_page(), "run make api"


def test_every_public_name_is_in_one_section():
    assert sorted(name for names in SECTIONS.values() for name in names) == sorted(fer_core.__all__)


def test_arguments_defaults_and_examples_are_on_the_page():
    page = build_page()
    assert "train(config: TrainConfig, quiet: bool = False) -> Run" in page
    assert "preset(name: str, /, **fields) -> TrainConfig" in page
    assert ">>> fer.load_network(" in page
    assert "- `epochs` (`24`): " in page
