"""The rules for copies in the form's words: what each is called, and what it takes from which split."""

from fer_core.datasets.splits import RULES

_OFFICIAL_SPLIT, _DRAWN_SPLIT = RULES

COPY_CHOICES = {  # rule of `fer_core.datasets.checks.copies.COPY_RULES` -> what the form calls it
    "keep": "keep all copies",
    "drop_surplus": "keep one of each set",
    "drop_contradicting": "drop sets under several labels",
    "drop_leaks": "drop training copies of val and test",
}
_OFFICIAL = {
    "drop_surplus": "From training: all but one of each set of copies, and all with a copy in validation or test. "
    "From validation: all but one of each set, and all with a copy in test. From test: nothing.",
    "drop_contradicting": "From training and validation: all faces of each set of copies under more than one label. "
    "From test: nothing.",
}
_BEFORE_SPLIT = {
    "drop_surplus": "All but one of each set of copies, before the split is made.",
    "drop_contradicting": "All faces of each set of copies under more than one label, before the split is made.",
}
_BY_SPLIT = (
    "From training: all faces with a copy in validation or test. From validation and test: nothing, also where their "
    "faces are copies of one another."
)


def describe_taken(rule: str, split: str) -> str:
    """What the rule leaves out of the data set, from which split.

    Args:
        rule: one of `fer_core.datasets.checks.copies.COPY_RULES`.
        split: rule of the split, as the recipe has it.
    """
    if rule == "keep":
        return "No face is left out for its copies."
    if rule == "drop_leaks":
        drawn = "Nothing: a drawn split keeps the faces of a set of copies together, in one split."
        return drawn if split == _DRAWN_SPLIT else _BY_SPLIT
    return (_OFFICIAL if split == _OFFICIAL_SPLIT else _BEFORE_SPLIT)[rule]
