"""The rules for copies as the form describes them: the name of each, and what it removes from which split."""

from fer_core.datasets.splits import RULES

_OFFICIAL_SPLIT, _DRAWN_SPLIT = RULES

COPY_CHOICES = {  # rule of `fer_core.datasets.checks.copies.COPY_RULES` -> what the form calls it
    "keep": "keep all copies",
    "drop_surplus": "keep one of each set",
    "drop_contradicting": "remove sets with several labels",
    "drop_leaks": "remove training copies of val and test",
}
_OFFICIAL = {
    "drop_surplus": (
        "Training: all but one of each set of copies, and all with a copy in validation or test. Validation: all but "
        "one of each set, and all with a copy in test. Test: none."
    ),
    "drop_contradicting": (
        "Training and validation: all faces of each set of copies with more than one label. Test: none."
    ),
}
_BEFORE_SPLIT = {
    "drop_surplus": "All but one of each set of copies, before the split is made.",
    "drop_contradicting": "All faces of each set of copies with more than one label, before the split is made.",
}
_BY_SPLIT = (
    "Training: all faces with a copy in validation or test. Validation and test: none, even where their faces "
    "are copies of each other."
)


def describe_taken(rule: str, split: str) -> str:
    """What the rule removes from which split.

    Args:
        rule: one of `fer_core.datasets.checks.copies.COPY_RULES`.
        split: the recipe's rule for the split.
    """
    if rule == "keep":
        return "No face is removed for its copies."
    if rule == "drop_leaks":
        drawn = "None: a drawn split keeps each set of copies in one split."
        return drawn if split == _DRAWN_SPLIT else _BY_SPLIT
    return (_OFFICIAL if split == _OFFICIAL_SPLIT else _BEFORE_SPLIT)[rule]
