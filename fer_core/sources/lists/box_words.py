"""The meaning of the four numbers of a box in one cell, as given by the column's name."""

import re
from collections.abc import Sequence

FORMS = {
    "xywh": "left, top, width, height",
    "xyxy": "left, top, right, bottom",
    "cxcywh": "centre, width, height",
    "yxyx": "top, left, bottom, right",
    "trbl": "top, right, bottom, left",
}
"""Form of four numbers -> what they are."""
_WORDS = {
    "xywh": r"(x(min|1)?y(min|1)?|lefttop|lt)(wh|widthheight)",
    "xyxy": r"xyxy|x1y1x2y2|x0y0x1y1|xminyminxmaxymax|lefttoprightbottom|ltrb",
    "cxcywh": r"(cxcy|xcyc|x(center|centre)y(center|centre)|(center|centre)x(center|centre)y)(wh|widthheight)",
    "yxyx": r"yxyx|y1x1y2x2|yminxminymaxxmax|topleftbottomright|tlbr",
    "trbl": r"toprightbottomleft|trbl",
}
_FILLERS = {"px", "pixel", "pixels", "in", "as", "format", "absolute", "coordinates"}
_CENTRES = {"center", "centre", "centered", "centred"}


def find_form(column: str) -> str | None:
    """One of FORMS by a column's name; "" if it says nothing, None if the words in brackets are not understood.

    The words in brackets decide, as in `bbox (cx,cy,w,h)`; without brackets the end of the name does (`bbox_xywh`).
    """
    outer, _, bracket = column.lower().partition("(")
    words = re.findall(r"[a-z]+\d?", bracket)
    words = [word for word in words if word not in _FILLERS]
    if not words:
        plain = re.sub(r"[^a-z0-9]+", "", outer)
        return next((form for form in ("cxcywh", *FORMS) if re.search(f"({_WORDS[form]})$", plain)), "")
    form = _match("".join(words))
    said = [word for word in words if word not in _CENTRES]
    if form is None and len(said) < len(words) and _match("".join(said)) in ("xywh", "cxcywh"):
        return "cxcywh"
    return form


def arrange(row: Sequence[str], form: str) -> Sequence[str]:
    """Four cells as left, top, right, bottom, or with the size last for xywh and cxcywh; other cells are unchanged."""
    if len(row) != 4 or form in ("xywh", "xyxy"):
        return row
    a, b, c, d = row
    if form == "cxcywh":
        try:
            x, y, width, height = map(float, row)
        except ValueError:
            return row
        return (repr(x - width / 2), repr(y - height / 2), c, d)
    return (b, a, d, c) if form == "yxyx" else (d, a, b, c)


def _match(words: str) -> str | None:
    return next((form for form, pattern in _WORDS.items() if re.fullmatch(pattern, words)), None)
