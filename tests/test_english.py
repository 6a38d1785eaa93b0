"""The English of pages, messages, help and documents: phrases that a technical writer does not use."""

import re

import pytest

from tests.helpers.project import ROOT
from tests.strings import list_texts

BANNED = {  # phrase -> what to write
    r"\btold\b": "say what is known, or who reports it",
    r"\blaid over\b": "applied",
    r"\bcomes? along\b": "is included",
    r"\bof before\b": "earlier",
    r"\b(?:goes|went|going|go) on\b": "continue",
    r"(?<!here )\bis no (?:such )?(?:line|image|photo|number|archive|data set|run|folder|file|class)\b": "is not a",
    r"\bthere is to\b": "say what to do",
    r"\banew\b": "again",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bby itself\b": "automatically",
    r"\bat a click\b": "click",
    r"\bwithout a word\b": "unexpectedly",
    r"\bjoins? the training\b": "is used for training",
    r"\bas it is now\b": "current",
    r"\bcut short\b": "truncated",
    r"\ba face each\b|\bfaces a class\b|\bfaces a second\b": "per",
    r"\bbring(?:s|ing)? (?:home|along)\b": "copy back",
    r"\bmakes nothing\b": "say what happens",
    r"\bstands? (?:in|on|there|beside|alone)\b": "is",
    r"\bword for\b": "call",
    r"\btaken for\b": "mistaken for, or classified as",
    r"\bare asked for\b|\bis asked for\b": "requested",
    r"\bholds? still\b": "freeze",
    r"\bso many\b": "the count",
    r"\bas many as there are\b": "all",
    r"\ball the same\b": "anyway",
    r"\bpoint at\b": "hover over",
    r"\bwhat most votes say\b": "the majority vote",
    r"\bnot to be had\b": "not available",
    r"\bin the same way as before\b": "as before",
}
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def find_banned(text):
    return [
        f"{found[0]!r} (write: {instead})" for phrase, instead in BANNED.items() for found in re.finditer(phrase, text)
    ]


@pytest.mark.parametrize("folder", ["pages", "dashboard", "fer_core"])
def test_no_text_of_the_program_uses_a_banned_phrase(folder):
    texts = list_texts([ROOT / folder])
    assert len(texts) > 20
    assert not [
        f"{each.path}:{each.line}: {banned} in: {' '.join(each.text.split())}"
        for each in texts
        for banned in find_banned(" ".join(each.text.split()))
    ]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_document_uses_a_banned_phrase(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert not [f"{n}: {banned}" for n, line in enumerate(lines, start=1) for banned in find_banned(line)]


def test_the_list_finds_a_phrase():
    assert find_banned("The run goes on by itself.") == [
        "'goes on' (write: continue)", "'by itself' (write: automatically)"
    ]  # fmt: skip
    assert not find_banned("There is no data set yet.")
