"""Review: faces whose label may be wrong, one at a time, corrected with one key each."""

import streamlit as st

from dashboard.review.lists import pick_list
from dashboard.review.one_by_one import show_review
from dashboard.services.datasets import load_infos
from dashboard.shared.agreement import has_votes, show_agreement
from dashboard.shared.page import empty_state, header, shown_errors
from dashboard.shared.pickers import pick_dataset
from dashboard.shared.versions import tell_version

header(
    "Review", ("Review faces whose label may be wrong. Corrections are stored separately; the source never changes.")
)

infos = load_infos()
if not infos:
    empty_state("There is no data set to review yet.", "data", "Make a data set")
    st.stop()

name = pick_dataset(infos, "review.name")
with shown_errors():
    what, of, split, who = pick_list(name)
    tell_version(name, what, of)
    show_review(name, what, of, split, who)
    if has_votes(name):
        with st.expander("Agreement of labels and votes (FER+)", icon=":material/how_to_vote:"):
            show_agreement(name)
