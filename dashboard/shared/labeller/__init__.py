"""The labeller: faces with a key and a button for each expression, fast enough for any typist.

The browser has the next faces and advances without the server; a key applies to the face on the screen at that moment.
Decisions are sent as a list of acts (`fer_core.review.acts`) that grows until the server has answered: an act
has an id of its own and names its face, so that it may arrive late, twice or together with others.

`component.js` calls `model.js` (what a key means and what the screen shows, pure functions), `outbox.js` (the acts not
answered yet, kept in the browser's session storage) and `view.js` (elements). They are one module to the browser.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

SCRIPTS = ("model.js", "outbox.js", "view.js", "component.js")


@dataclass(frozen=True)
class Sent:
    """What the browser sent last; the same again for as long as it sends nothing else.

    Attributes:
        revision: its number, which the answer repeats.
        acts: those that it has no answer to, each with the name of its `dataset`.
        skipped: face_ids passed over.
        held: names of the pictures that it has.
    """

    revision: int = 0
    acts: tuple[Mapping[str, Any], ...] = ()
    skipped: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


def read_sent(key: str) -> Sent:
    """What the labeller of that key has sent, also before it is drawn in this run of the page."""
    return _read(st.session_state.get(key))


def show_labeller(key: str, data: Mapping[str, Any], on_sent: Callable[[], None] = lambda: None) -> Sent:
    """Draws the labeller, and returns what it has sent.

    Args:
        key: of the widget.
        data: what it shows, all of it JSON:
            mode: "list" (the screen moves on to the next face) or "face" (it stays on one).
            list: names what is gone through; under another name the browser starts again.
            dataset, who, why: are put into every act that is made while these are shown.
            expressions: [{name, colour}] in the order of their keys.
            faces: of a list the next ones, of a face the one that is chosen or none. Each has face_id, sha256, name,
                split, expression, suggested ("" for none), opinions (7 shares, or None), facts (lines), is_listed and
                picture (a name).
            past: the faces of `history`, to which an undoing returns.
            pictures: {name: data URL} of those that the browser lacks.
            history: standing corrections [{id, face_id, before, expression, who, when, kind}], the oldest first.
            counts: {n, n_done, n_decisions, n_changed, n_dropped}.
            notes: {split: what a correction of its faces comes to}.
            opinions_title, empty: what the bars are, and what to say where there is no face.
            revision, taken, refused, problem: the answer to what was sent.
        on_sent: called when something has arrived, before the page runs again.
    """
    result = _labeller()(key=key, data=dict(data), default={"sent": None}, on_sent_change=on_sent)
    return _read(result)


@cache
def _labeller() -> Any:
    folder = Path(__file__).parent
    script = "\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)
    css = (folder / "component.css").read_text(encoding="utf-8")
    return st.components.v2.component("fer_studio_labeller", js=script, css=css)


def _read(state: Mapping[str, Any] | None) -> Sent:
    sent = (state or {}).get("sent") or {}
    return Sent(
        int(sent.get("revision", 0)),
        tuple(sent.get("acts", ())),
        frozenset(sent.get("skipped", ())),
        frozenset(sent.get("held", ())),
    )
