"""The published facts about a source, from the docstring of its reader."""

import re
from importlib import import_module

from fer_core.sources.readers import READERS

FACTS = ("Contents", "Labels", "Subjects", "Splits", "Publication", "Licence", "Known faults")
UNKNOWN = {"Licence": "as stated by its owner."}
_FACT = re.compile(rf"({'|'.join((*FACTS, 'Votes'))}): +(.*)")


def find_facts(source: str) -> dict[str, str]:
    """FACTS, and Votes if there are any, in the docstring's order; UNKNOWN for an unknown source.

    Args:
        source: from `fer_core.datasets.assembling.recipe.name_sources`: a reader's name, perhaps with a number
            (folder-2).
    """
    reader = re.sub(r"-\d+$", "", source)
    if reader not in READERS:
        return UNKNOWN
    return parse_facts(import_module(READERS[reader].__module__).__doc__) or UNKNOWN


def parse_facts(docstring: str | None) -> dict[str, str]:
    """The `Name: text` paragraphs of a docstring, each to the next one or to an empty line."""
    facts: dict[str, str] = {}
    name = ""
    for line in (docstring or "").splitlines():
        found = _FACT.match(line)
        if found:
            name, facts[found[1]] = found[1], found[2]
        elif not line.strip():
            name = ""
        elif name:
            facts[name] += f" {line.strip()}"
    return facts
