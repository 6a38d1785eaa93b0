"""Boxes for the meanings of a source's class names and numbers, where they are not known."""

from dataclasses import replace

import streamlit as st

from dashboard.shared.form_words import BOXES_BOX, ORDER_BOX
from fer_core.base.text import count_of
from fer_core.datasets.assembling.inspect import Inspection
from fer_core.datasets.assembling.recipe import name_sources
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import BOX_FORMS, BOXES, LEAVE_OUT, NUMBERS, ORDERS, Classes, Unclear, UnclearBoxes

UNKNOWN = "not known"
_N_BOXES = 40  # names without a meaning; more of them is no list of classes


def ask_meanings(found: Inspection, key: str) -> Classes:
    """Draws a box for each class name without a known meaning; returns the meanings.

    Args:
        found: the source, read with the meanings given so far.
        key: key of the source, the prefix of the widgets' keys.
    """
    said = dict(found.classes.said)
    names = [*said, *(name for name in found.unknown if name not in said)]
    if not names and not found.classes.order and not found.classes.boxes:
        return found.classes
    if names:
        st.caption("Choose what these classes mean. Rows of an unknown class cannot be used.")
    order = _ask_order(found.classes.order, key) if found.classes.order or any(map(str.isdecimal, names)) else ""
    boxes = _ask_boxes(found.classes.boxes, key) if found.classes.boxes else ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = {name: _ask_class(name, said.get(name), found.unknown, key) for name in names[:_N_BOXES]}
    return Classes(tuple((name, meaning) for name, meaning in chosen.items() if meaning != UNKNOWN), order, boxes)


def ask_unclear(about: type[Unclear], classes: Classes, key: str) -> Classes:
    """Asks for the order of a source's numbers, or the form of its boxes; returns `classes` until one is chosen."""
    if about is UnclearBoxes:
        return replace(classes, boxes=_ask_boxes(classes.boxes, key))
    return replace(classes, order=_ask_order(classes.order, key))


def list_meanings(added: list[Inspection]) -> tuple[tuple[str, str], ...]:
    """The recipe's `meanings`: those given for each source, under the source's name."""
    names = name_sources([found.source for found in added])
    pairs = []
    for name, found in zip(names, added, strict=True):
        own = ((NUMBERS, found.classes.order), (BOXES, found.classes.boxes), *found.classes.said)
        pairs += [(f"{name}:{label}", meaning) for label, meaning in own if meaning]
    return tuple(pairs)


def _ask_class(name: str, said: str | None, unknown: dict[str, int], key: str) -> str:
    options = [UNKNOWN, *EXPRESSIONS, LEAVE_OUT]
    n = f" ({count_of(unknown[name], 'row')})" if name in unknown else ""
    return st.selectbox(
        f"{name!r}{n} means", options, options.index(said or UNKNOWN), key=f"{key}.means.{name}", width=220,
        format_func=_name_option,
    )  # fmt: skip


def _ask_order(order: str, key: str) -> str:
    options = ["", *ORDERS]
    return st.selectbox(
        ORDER_BOX, options, options.index(order), key=f"{key}.order", width=440,
        format_func=_describe_order,
    )  # fmt: skip


def _ask_boxes(form: str, key: str) -> str:
    options = ["", *BOX_FORMS]
    return st.selectbox(
        BOXES_BOX, options, options.index(form), key=f"{key}.boxes", width=440,
        format_func=lambda name: BOX_FORMS.get(name, "choose their meaning"),
    )  # fmt: skip


def _name_option(meaning: str) -> str:
    return "exclude these faces" if meaning == LEAVE_OUT else meaning


def _describe_order(order: str) -> str:
    return f"{order}: {', '.join(f'{n} {name}' for n, name in ORDERS[order].items())}" if order else "choose a data set"
