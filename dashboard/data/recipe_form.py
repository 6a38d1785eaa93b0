"""The options of a recipe as a form: common ones first, the others in groups that open."""

from collections.abc import Callable

import streamlit as st

from dashboard.data.copy_rules import COPY_CHOICES, describe_taken
from dashboard.data.limits_form import Fields, ask_limits
from fer_core.base.text import count_of
from fer_core.datasets.assembling.inspect import Inspection
from fer_core.datasets.assembling.recipe import SIZES, name_sources
from fer_core.datasets.checks.copies import COPY_RULES
from fer_core.datasets.checks.flags import FLAGS
from fer_core.datasets.checks.turned.search import MAX_FACES
from fer_core.datasets.corrections.overlay import DROPS
from fer_core.datasets.dataset import dataset_names
from fer_core.datasets.info import DatasetInfo
from fer_core.datasets.splits import LEAVE_OUT, RULES


def ask_recipe(added: list[Inspection], infos: list[DatasetInfo]) -> Fields:
    """Draws the form; returns the fields of the recipe by name, without its sources.

    Args:
        added: the sources.
        infos: `dataset.json` of the existing data sets.
    """
    fields = _ask_common(added)
    for title, ask in GROUPS.items():
        with st.expander(title):
            fields |= ask(added)
    _tell(fields, added, infos)
    return fields


def _follow_sources(added: list[Inspection]) -> None:
    """Updates name and split when the sources change, unless a person chose others; call it before drawing them."""
    for key, suggest in (("data.new", _suggest_name), ("data.rule", _suggest_rule)):
        last, now = st.session_state.get(f"{key}.suggested"), suggest(added)
        if st.session_state.get(key, last) == last:
            st.session_state[key] = now
        st.session_state[f"{key}.suggested"] = now


def _suggest_name(added: list[Inspection]) -> str:
    return "-".join(dict.fromkeys(found.source for found in added))


def _suggest_rule(added: list[Inspection]) -> str:
    return RULES[0 if any(usage for found in added for usage in found.usages if usage) else 1]


def _ask_common(added: list[Inspection]) -> Fields:
    rules = _list_rules(added)
    _follow_sources(added)
    if st.session_state.get("data.rule") not in rules:
        st.session_state["data.rule"] = _suggest_rule(added)
    name, split, size = st.columns([3, 2, 1])
    return {
        "name": name.text_input("Name of the data set", key="data.new"),
        "split": split.selectbox(
            "Split", rules, key="data.rule",
            help=(
                "Official: keep the published split of the first source that has one; the other sources are used for "
                "training only. 80:10:10: draw a new split that keeps subjects and copies together. Leave out: test "
                "on all faces of one source."
            ),
        ),
        "size": size.selectbox(
            "Side, px", SIZES, key="data.size", help="of the square greyscale faces; smaller faces train faster"
        ),
        "skip_bad": st.checkbox(
            "Skip bad rows", key="data.skip_bad",
            help="Continue past rows and images that cannot be read; they are counted and listed.",
        ),
    }  # fmt: skip


def _ask_labels(added: list[Inspection]) -> Fields:
    n_voted = sum(found.n_voted for found in added)
    fields: Fields = {}
    left, right = st.columns(2)
    if n_voted:
        fields["labels"] = left.selectbox(
            "Labels", ["source", "votes"], key="data.labels",
            format_func={"source": "source labels", "votes": "majority of votes"}.__getitem__,
            help=(
                f"Votes of several people (FER+) exist for {count_of(n_voted, 'face')}. A tie, unknown and not-a-face "
                "keep the source's label; contempt excludes the face."
            ),
        )  # fmt: skip
        fields["drop"] = tuple(
            right.multiselect("Exclude faces that most votes call", DROPS, key="data.drop", placeholder="nothing")
        )
    else:
        st.caption("No source has votes. Put `fer2013new.csv` (FER+) beside `fer2013.csv` to use them.")
        left, right = st.columns(2)
    fields["relabel"] = left.selectbox(
        "Faces that may change", ["train", "all"], key="data.relabel",
        format_func={"train": "training faces only", "all": "validation and test faces too"}.__getitem__,
        help=(
            "Changed by votes and corrections. Scores are comparable with published ones only if the test faces keep "
            "their labels."
        ),
    )  # fmt: skip
    fields["corrections"] = right.selectbox(
        "Corrections", ["own", "none", *dataset_names()], key="data.corrections",
        format_func=lambda which: {"own": "made under this name", "none": "none"}.get(which, f"those of {which}"),
        help="Corrections from the Review page and accepted suggestions.",
    )  # fmt: skip
    return fields


def _ask_copies(added: list[Inspection]) -> Fields:
    copies, near, seed = st.columns([3, 2, 1], vertical_alignment="bottom")
    fields: Fields = {
        "copies": copies.selectbox(
            "Copies", list(COPY_RULES), format_func=COPY_CHOICES.__getitem__, key="data.copy_rule",
            help=(
                "The line below shows what the rule removes from which split. Test faces of an official split are "
                "always kept."
            ),
        ),
        "near": near.checkbox(
            "Include near copies", True, key="data.near", help="mirrored, re-encoded and rescaled pictures"
        ),
        "seed": seed.number_input("Seed", 0, key="data.seed", help=(
            "seed of drawn splits; the same seed draws the same split"
        )),
    }  # fmt: skip
    st.caption(describe_taken(fields["copies"], st.session_state["data.rule"]))
    return {**fields, "turned": _ask_turned(added) if fields["near"] else None}


def _ask_turned(added: list[Inspection]) -> bool | None:
    """Whether to search for turned copies; None lets the number of faces decide."""
    words = {
        "auto": f"search among up to {MAX_FACES:,} faces",
        "yes": "search",
        "no": "do not search",
    }
    choice = st.selectbox(
        "Turned copies", list(words), format_func=words.__getitem__, key="data.turned",
        help=(
            "Near copies rotated by up to 15 degrees, or shifted or cropped by up to 10 %. The search takes about 15 "
            "s of one processor core per 100,000 faces."
        ),
    )  # fmt: skip
    n = sum(found.n for found in added)
    if choice == "auto" and n > MAX_FACES:
        st.caption(
            f"The sources have {n:,} faces. If more than {MAX_FACES:,} of them differ, turned copies are not "
            "searched for unless you select *search*."
        )
    return {"auto": None, "yes": True, "no": False}[choice]


def _ask_quality(added: list[Inspection]) -> Fields:
    flags = st.multiselect(
        "Exclude", list(FLAGS), key="data.leave_out", placeholder="no flagged face",
        help="; ".join(f"{name}: {flag.meaning}" for name, flag in FLAGS.items())
        + ". Flagged validation and test faces are kept, so that scores stay comparable.",
    )  # fmt: skip
    return {"leave_out": tuple(flags)}


def _ask_align(added: list[Inspection]) -> Fields:
    align = st.checkbox(
        "Align faces", key="data.align",
        help=(
            "Detects each face and aligns eyes and mouth to fixed positions, so that the crop reveals less about the "
            "source. Takes about 5 ms per face; where no face is found, the usual crop is kept."
        ),
    )  # fmt: skip
    return {"align": align}


# What opens under the common choices: a title, and a function that asks and returns fields of the recipe.
GROUPS: dict[str, Callable[[list[Inspection]], Fields]] = {
    "Labels": _ask_labels,
    "Copies and seed": _ask_copies,
    "Quality": _ask_quality,
    "Alignment": _ask_align,
    "Caps and balance": ask_limits,
}


def _list_rules(added: list[Inspection]) -> list[str]:
    names = name_sources([found.source for found in added])
    return [*RULES, *(f"{LEAVE_OUT}{name}" for name in names if len(names) > 1)]


def _tell(fields: Fields, added: list[Inspection], infos: list[DatasetInfo]) -> None:
    """Draws notes that are useful before Assemble is pressed."""
    for info in infos:
        if info.name == fields["name"]:
            st.info(
                f"Replaces {info.name} ({count_of(info.n, 'face')}, made {info.made[:10]}), which stays unchanged "
                "until the new one is complete. Its corrections are kept.",
                icon=":material/swap_horiz:",
            )
    if fields["split"] == "official":
        for sentence in describe_joining(added):
            st.caption(sentence)


def describe_joining(added: list[Inspection]) -> list[str]:
    """A sentence for each source that an official split uses for training only."""
    names = name_sources([found.source for found in added])
    has_split = [any(n for usage, n in found.usages.items() if usage) for found in added]
    if True not in has_split:
        return ["No source has an official split. Choose the split 80:10:10."]
    main = has_split.index(True)
    return [
        f"All {found.n:,} faces of {name} are used for training only: "
        + (f"the split is that of {names[main]}." if has_split[i] else "it has no official split.")
        for i, (name, found) in enumerate(zip(names, added, strict=True))
        if i != main
    ]
