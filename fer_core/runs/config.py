"""What a training does: one frozen, validated model. The form's widgets and the CLI's flags come from it."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from fer_core.base.workspace import absolute_path
from fer_core.datasets.class_weights import Weighting
from fer_core.errors import InputError
from fer_core.models.families import is_model_name, list_names
from fer_core.models.preprocess import Views


def _field(group: str, default: Any, description: str, **limits: Any) -> Any:
    return Field(default, description=description, json_schema_extra={"group": group}, **limits)


def split_names(text: str) -> tuple[str, ...]:
    """The names in a text with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


Settings = dict[str, Any]  # fields of a TrainConfig -> their values, which it validates


class TrainConfig(BaseModel):
    """Every choice of one training, saved as `config.json` in the run's folder.

    Example:
        >>> config = fer.TrainConfig(dataset="demo", model="resnet18", epochs=40)
        >>> config.learning_rate
        0.1
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    dataset: str = _field("Data", ..., "assembled data set, by name", min_length=1)
    name: str = _field("Data", "", "a name for people; empty: the model's")
    balance: Weighting = _field(
        "Data", "none", "what is done about rare classes: weights in the loss, or drawing them more often"
    )
    folds: int = _field(
        "Data", 0, "deal the train and val faces anew into so many parts, to cross-validate; 0: do not", ge=0, le=50
    )
    fold: int = _field("Data", 0, "the part, from 0, that this run leaves out and is validated on", ge=0)

    model: str = _field("Network", "compact", "architecture; timm:NAME for any of the package timm")
    channels: Literal[1, 3] = _field("Network", 1, "input channels; 3 repeats the grey one")
    input_px: int = _field("Network", 0, "side of the network's input, px; 0: as in the data set", ge=0, le=512)
    light: Literal["limits", "same", "as_is"] = _field(
        "Network",
        "limits",
        "limits: faces darker, brighter, flatter or harsher than 95 % of the training faces are brought to that limit; "
        "same: all faces to the training faces' middle; as_is: none. In training and in use",
    )
    dropout: float = _field("Network", 0.0, "share of features dropped before the last layer", ge=0, lt=1)
    init: str = _field("Network", "scratch", "scratch, imagenet, file:PATH (weights) or run:RUN_ID")

    freeze_epochs: int = _field("Network", 0, "train the last layer alone for so many epochs first", ge=0)
    unfreeze_epochs: int = _field("Network", 0, "then let the rest go layer by layer over so many epochs", ge=0)
    trunk_rate: float = _field("Network", 1.0, "learning rate of all but the last layer, as a share", gt=0, le=1)

    epochs: int = _field("Optimisation", 24, "passes over the training faces", ge=1, le=5000)
    batch_size: int = _field("Optimisation", 128, "faces a step", ge=2, le=8192)
    optimizer: Literal["sgd", "adam", "adamw", "radam"] = _field("Optimisation", "sgd", "sgd has Nesterov momentum")
    learning_rate: float = _field("Optimisation", 0.1, "peak learning rate", gt=0, le=10)
    momentum: float = _field("Optimisation", 0.9, "of sgd", ge=0, lt=1)
    peak_momentum: float = _field(
        "Optimisation",
        0.0,
        "of sgd at one_cycle's highest rate, often 0.85 beside a momentum of 0.95; 0: momentum throughout",
        ge=0,
        lt=1,
    )
    weight_decay: float = _field("Optimisation", 5e-4, "on weights alone, never on norms and biases", ge=0, le=1)
    schedule: Literal["constant", "plateau", "cosine", "one_cycle"] = _field(
        "Optimisation", "one_cycle", "how the learning rate moves"
    )
    warmup_epochs: float = _field(
        "Optimisation", 0.0, "rise to the full rate over so many epochs (not one_cycle)", ge=0
    )
    plateau_patience: int = _field("Optimisation", 5, "epochs without gain before plateau divides by 10", ge=1)
    early_stopping: int = _field("Optimisation", 0, "stop after so many epochs without gain; 0: never", ge=0)
    ema: float = _field(
        "Optimisation",
        0.0,
        "keep a running mean of the weights with this decay a step, such as 0.999; 0: none",
        ge=0,
        lt=1,
    )

    clip_norm: float = _field("Optimisation", 0.0, "largest norm of a step's gradient; 0: any", ge=0)

    label_smoothing: float = _field("Targets", 0.1, "share of the target given to all classes", ge=0, lt=1)
    soft_labels: float = _field(
        "Targets", 0.0, "share of the target from the votes of several people, where the data set has them", ge=0, le=1
    )
    votes_weight: float = _field("Targets", 0.0, "weight of the people head, which learns those votes; 0: none", ge=0)
    labels_from: str = _field(
        "Targets",
        "",
        "sources whose labels teach the labels head, with commas, or all; empty: those of the validation faces where "
        "the others can teach a people head (votes_weight), else all",
    )
    people_from: str = _field(
        "Targets",
        "",
        "sources whose labels teach the people head where a face has no votes, with commas, or all; empty: the votes "
        "alone, or what labels_from, empty too, leaves",
    )
    people_balance: Literal["none", "square_root", "class_weights", "effective_number"] = _field(
        "Targets", "square_root", "weights of rare classes among those labels; square_root: 1 / the root of their count"
    )
    teacher: str = _field(
        "Targets",
        "",
        "networks to learn from as well as from the labels: RUN_ID, bundled, or GROUP_ID of a cross-validation, whose "
        "networks each judge the faces that they left out; several with commas",
    )
    teacher_share: float = _field("Targets", 0.5, "share of the loss that is against the teacher", ge=0, le=1)
    teacher_views: int = _field(
        "Targets",
        0,
        "random views of each face, drawn once, that the teacher judges and the training shows, often 16; "
        "0: the teacher judges the plain face",
        ge=0,
        le=64,
    )
    teacher_temperature: float = _field(
        "Targets",
        2.0,
        "softens both the teacher's probabilities and the answers held against them; 1: not",
        ge=1,
        le=20,
    )
    focal_gamma: float = _field("Targets", 0.0, "turn down what is right already (focal loss), often 2; 0: not", ge=0)

    flip: bool = _field("Augmentation", True, "mirror half of the faces")
    rotation_deg: float = _field("Augmentation", 10.0, "at most, either way, degrees", ge=0, le=180)
    translation_px: float = _field("Augmentation", 6.0, "at most, either way, px of the data set's face", ge=0)
    scale: float = _field("Augmentation", 0.1, "0.1: from 0.9 to 1.1 times", ge=0, lt=1)
    crop_px: int = _field("Augmentation", 0, "train on random squares of this side, px; 0: on the whole", ge=0)
    brightness: float = _field("Augmentation", 0.2, "added, at most, as a share of white", ge=0, le=1)
    contrast: float = _field("Augmentation", 0.2, "0.2: from 0.8 to 1.2 times", ge=0, lt=1)
    erasing: float = _field("Augmentation", 0.0, "share of faces with a rectangle blotted out", ge=0, le=1)
    mixup: float = _field("Augmentation", 0.0, "mix two faces, by a share from Beta(this, this); 0: never", ge=0)
    cutmix: float = _field("Augmentation", 0.0, "put a piece of one face into another, likewise; 0: never", ge=0)

    test_views: Views = _field(
        "Evaluation",
        "flip",
        "classify a face alone, averaged with its mirror image, as ten crops of crop_px, or shifted and zoomed (wide)",
    )

    seed: int = _field("Machine", 0, "of the first weights, the order and the augmentation", ge=0, le=2**31 - 1)
    device: str = _field("Machine", "auto", "auto, cpu, cuda, cuda:1 or mps", pattern=r"auto|cpu|mps|cuda(:\d+)?")
    devices: int = _field(
        "Machine", 1, "processes that train together, each on a GPU of its own, or on the CPU", ge=1, le=1024
    )
    compile: bool = _field(
        "Machine", False, "torch.compile the network: half a minute at the start, which a long training on a GPU repays"
    )
    precision: Literal["auto", "float32", "bfloat16"] = _field("Machine", "auto", "auto measures and chooses")
    memory_format: Literal["auto", "channels_last", "contiguous"] = _field(
        "Machine",
        "auto",
        "auto measures and chooses; for the same bits as another run, set precision, this and threads",
    )
    threads: int = _field("Machine", 0, "CPU threads; 0 measures and chooses", ge=0, le=256)

    tensorboard: bool = _field("Record", False, "write the epochs to TensorBoard event files in the run's folder too")

    @property
    def teachers(self) -> tuple[str, ...]:
        """The names in `teacher`."""
        return split_names(self.teacher)

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        if not is_model_name(value):
            raise ValueError(f"unknown; choose {list_names()}")
        return value

    @field_validator("folds")
    @classmethod
    def _more_than_one(cls, value: int) -> int:
        if value == 1:
            raise ValueError("must be 0, or 2 and more")
        return value

    @field_validator("fold")
    @classmethod
    def _one_of_the_folds(cls, value: int, info: ValidationInfo) -> int:
        if value and value >= info.data.get("folds", 0):
            raise ValueError("must be less than folds")
        return value

    @field_validator("init")
    @classmethod
    def _known_init(cls, value: str) -> str:
        kind, _, where = value.partition(":")
        if value in ("scratch", "imagenet") or (kind == "run" and where):
            return value
        if kind == "file" and where:  # absolute from here on: the training may start from another folder
            return f"file:{absolute_path(value if where.startswith('//') else where)}"
        raise ValueError("must be scratch, imagenet, file:PATH or run:RUN_ID")


_EARLIER: Mapping[str, Any] = {"teacher_temperature": 1.0, "light": "as_is"}
"""What a run does whose config lacks the field, where that is not today's default."""


def build_config(values: Mapping[str, Any]) -> TrainConfig:
    """A validated config.

    Raises:
        InputError: one sentence a faulty field, naming it, the value found and what was expected.
    """
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        raise InputError(_explain(error)) from error


def read_config(document: Mapping[str, Any]) -> TrainConfig:
    """The config of a run's `config.json`, which an earlier version may have written; raises as build_config."""
    return build_config({**_EARLIER, **document})


def parse_settings(settings: list[str]) -> Settings:
    """`["epochs=3", "flip=false"]` as a dict of values for build_config; JSON values where they parse."""
    values: Settings = {}
    for setting in settings:
        field, equals, text = setting.partition("=")
        if not equals or field not in TrainConfig.model_fields:
            close = get_close_matches(field, TrainConfig.model_fields, 1)
            hint = f"Did you mean {close[0]}?" if close else f"The fields are {', '.join(TrainConfig.model_fields)}."
            raise InputError(f"--set {setting}: expected field=value with a field of the config. {hint}")
        try:
            values[field] = json.loads(text)
        except ValueError:
            values[field] = text
    return values


def _explain(error: ValidationError) -> str:
    sentences = []
    for fault in error.errors():
        field = str(fault["loc"][0]) if fault["loc"] else "config"
        if fault["type"] == "extra_forbidden":
            sentences.append(f"{field}: no such field; the fields are {', '.join(TrainConfig.model_fields)}.")
            continue
        message = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input ")
        found = "" if fault["type"] == "missing" else f", got {fault['input']!r}"
        sentences.append(f"{field}: {message}{found}. Change {field} and start again.")
    return " ".join(sentences)
