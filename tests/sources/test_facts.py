import re

import pytest

from fer_core.sources.facts import FACTS, UNKNOWN, find_facts, parse_facts
from fer_core.sources.readers import READERS


@pytest.mark.parametrize("source", READERS)
def test_every_reader_tells_every_fact_of_its_source_in_a_sentence_that_markdown_shows_whole(source):
    facts = find_facts(source)
    assert [name for name in facts if name != "Votes"] == list(FACTS)
    for text in facts.values():
        assert text.endswith(".")
        assert not set("<*|") & set(re.sub("`[^`]*`", "", text))


def test_a_second_source_of_one_reader_has_the_same_facts_and_an_unknown_one_its_owners_licence():
    assert find_facts("ckplus-2") == find_facts("ckplus")
    assert find_facts("somewhere") == UNKNOWN


def test_a_fact_goes_on_to_the_next_or_to_an_empty_line():
    doc = "Title: of the file.\n\nContents: faces\nof people.\nLicence: free.\n\nNot a fact."
    assert parse_facts(doc) == {"Contents": "faces of people.", "Licence": "free."}
    assert parse_facts(None) == {}  # python -OO
