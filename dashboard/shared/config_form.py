"""A form generated from the config's fields: a new field appears automatically."""

from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo
from streamlit.delta_generator import DeltaGenerator

from dashboard.shared.fits import explain_misfit
from dashboard.shared.form_words import CROSS_VALIDATE_BOX, RATE_BUTTON
from dashboard.shared.masks import show_masks
from dashboard.shared.page import shown_errors
from dashboard.shared.pickers import pick, pick_dataset
from dashboard.shared.teachers import show_teachers
from fer_core.base.extras import has_extra
from fer_core.datasets.info import DatasetInfo
from fer_core.errors import InputError
from fer_core.models.families import describe_model
from fer_core.models.names import MODELS
from fer_core.runs.config import Settings, TrainConfig, build_config
from fer_core.runs.find import get_run
from fer_core.runs.presets import PRESETS, preset_values

_ABOVE = ("dataset", "name", "folds", "fold")  # drawn above the groups; `fold` is not drawn


def show_form(infos: list[DatasetInfo]) -> tuple[Literal["train", "lr_range"], TrainConfig] | None:
    """Draws the form; returns what to do with a validated config if a button was pressed and the form is valid.

    With `folds` 0 the config is for a single run, otherwise for that many runs, each leaving out a different fold.
    """
    start_from = _pick_start()
    above, place = _ask_above(infos, start_from)
    note = st.container()
    values = {**show_choices(start_from["values"], start_from["key"]), **above}
    with note:
        misfit = _show_notes(values, next(info for info in infos if info.name == above["dataset"]))
    with place:
        action = _ask_to_start(disabled=bool(misfit))
    if action is None:
        return None
    with shown_errors():
        return action, build_config({**values, "folds": above["folds"] if action == "train" else 0})
    return None


def _ask_above(infos: list[DatasetInfo], start_from: dict[str, Any]) -> tuple[dict[str, Any], DeltaGenerator]:
    """Draws the line above the options; returns dataset, name and folds, and the place for the buttons."""
    left, middle, right, last = st.columns([4, 3, 2, 3], vertical_alignment="bottom")
    with left:
        dataset = pick_dataset(infos, "train.dataset")
    with middle:
        name = st.text_input("Name", start_from.get("name", ""), key=f"train.name.{start_from['key']}", max_chars=60)
    with right:
        folds = st.number_input(
            CROSS_VALIDATE_BOX,
            value=start_from["values"].get("folds", 0),
            min_value=0,
            key=f"train.folds.{start_from['key']}",
            help=(
                "0: a single run. 5: five runs, each validated on a different fifth of the train and val faces; the "
                "Runs page shows their mean and standard deviation."
            ),
        )
    return {"dataset": dataset, "name": name, "folds": folds}, last


def _show_notes(values: Settings, info: DatasetInfo) -> str:
    """Shows and returns why these options cannot be trained; if they can, shows notes about them and returns ""."""
    misfit = ""
    with shown_errors():
        misfit = explain_misfit(values)
        if misfit:
            raise InputError(misfit)
        show_masks(values, info)
        show_teachers(info.name, values)
    return misfit


def _ask_to_start(disabled: bool) -> Literal["train", "lr_range"] | None:
    """Draws the two buttons; returns the action of the one that was pressed."""
    started = st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        key="train.start",
        width="stretch",
        disabled=disabled,
    )
    searched = st.button(
        RATE_BUTTON,
        icon=":material/search:",
        key="train.lr.find",
        width="stretch",
        disabled=disabled,
        help="one hundred steps with a rising learning rate; only the curve is kept",
    )
    return "train" if started else "lr_range" if searched else None


def show_choices(start: Settings, key: str) -> Settings:
    """Draws a widget for every remaining field in a closed box; returns their values.

    Args:
        start: the values that differ from the defaults.
        key: prefix of the widgets' keys.
    """
    values: Settings = {}
    with st.expander("All options", icon=":material/tune:"):
        for group, fields in grouped_fields().items():
            st.markdown(f"**{group}**")
            columns = st.columns(4)
            for i, (field, info) in enumerate(fields.items()):
                with columns[i % 4]:
                    values[field] = ask(field, info, start.get(field), key)
    return values


def use_rate(rate: float) -> None:
    """Sets the form's learning rate before it is drawn again."""
    start = st.query_params.get("from") or st.session_state["train.preset"]
    st.session_state[f"train.{start}.learning_rate"] = rate
    st.toast(f"The learning rate is now {rate:g}; see All options.", icon=":material/tune:")


def grouped_fields() -> dict[str, dict[str, FieldInfo]]:
    """Group -> field -> its info, in the config's order, without the fields above the options."""
    groups: dict[str, dict[str, FieldInfo]] = {}
    for field, info in TrainConfig.model_fields.items():
        if field not in _ABOVE:
            group = info.json_schema_extra["group"]  # type: ignore[index]
            groups.setdefault(str(group), {})[field] = info
    return groups


def ask(field: str, info: FieldInfo, start: Any, key: str) -> Any:
    """Draws the widget for a field by its type; `start` is the preset's value, or None for the default."""
    label, value = field.replace("_", " "), info.default if start is None else start
    widget: dict[str, Any] = {"key": f"train.{key}.{field}", "help": info.description}
    if field == "model":
        return _ask_model(value, {**widget, "label": label, "help": describe_model(value)})
    if get_origin(info.annotation) is Literal:
        options = list(get_args(info.annotation))
        return st.selectbox(label, options, options.index(value), **widget)
    if info.annotation is bool:
        return st.toggle(label, value, **widget)
    if info.annotation is int:
        return st.number_input(label, value=int(value), step=1, **widget)
    if info.annotation is float:
        return st.number_input(label, value=float(value), step=None, format="%g", **widget)
    return st.text_input(label, value, **widget)


def _ask_model(value: str, widget: dict[str, Any]) -> str:
    """Draws the choice of networks: the project's and torchvision's, and with timm installed any timm name."""
    names = list(MODELS) if value in MODELS else [*MODELS, value]
    if has_extra("timm"):
        widget |= {"accept_new_options": True, "label": f"{widget['label']} (or timm:NAME)"}
    return st.selectbox(options=names, index=names.index(value), **widget)


def _pick_start() -> Settings:
    """The initial values of the widgets: a preset, or an earlier run named in the link (?from=RUN_ID)."""
    earlier = st.query_params.get("from")
    if earlier:
        with shown_errors():
            config = get_run(earlier).config
            st.info(f"The form is filled with the options of {earlier}.", icon=":material/content_copy:")
            if st.button("Back to presets", key="train.back"):
                del st.query_params["from"]
                st.rerun()
            st.session_state.setdefault("train.dataset", config.dataset)
            return {"key": earlier, "values": config.model_dump(), "name": config.name}
    preset = pick("Preset", {name: f"{name}: {preset.about}" for name, preset in PRESETS.items()}, "train.preset")
    return {"key": preset, "values": preset_values(preset), "name": preset}
