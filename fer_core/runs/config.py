"""The training config: one frozen, validated model from which the form's widgets and the CLI's options are built."""

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
    """The names in a comma-separated text."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


Settings = dict[str, Any]  # fields of a TrainConfig -> their values, which it validates


class TrainConfig(BaseModel):
    """All settings of one training run, saved as `config.json` in the run's folder.

    Example:
        >>> config = fer.TrainConfig(dataset="demo", model="resnet18", epochs=40)
        >>> config.learning_rate
        0.1
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    dataset: str = _field("Data", ..., "assembled data set", min_length=1)
    name: str = _field("Data", "", "title of the run; empty = the model's name")
    balance: Weighting = _field(
        "Data", "none", "how rare classes are handled: weights in the loss, or more frequent sampling"
    )
    folds: int = _field("Data", 0, "number of cross-validation folds of the train and val faces; 0 = off", ge=0, le=50)
    fold: int = _field("Data", 0, "fold that this run is validated on, from 0", ge=0)

    model: str = _field("Network", "compact", "architecture; timm:NAME for any network of timm")
    channels: Literal[1, 3] = _field("Network", 1, "input channels; 3 repeats the grey channel")
    input_px: int = _field(
        "Network", 0, "side of the network's input in px; 0 = side of the data set's faces", ge=0, le=512
    )
    light: Literal["limits", "same", "as_is"] = _field(
        "Network",
        "limits",
        "brightness and contrast normalisation, in training and in use. limits: move faces outside the range of "
        "95 % of the training faces to that range; same: bring every face to the training median; as_is: off",
    )
    dropout: float = _field("Network", 0.0, "dropout rate before the last layer", ge=0, lt=1)
    init: str = _field("Network", "scratch", "initial weights: scratch, imagenet, file:PATH or run:RUN_ID")

    freeze_epochs: int = _field("Network", 0, "epochs that train the last layer only, before the rest; 0 = off", ge=0)
    unfreeze_epochs: int = _field("Network", 0, "epochs over which the other layers are then unfrozen one by one", ge=0)
    trunk_rate: float = _field(
        "Network", 1.0, "learning rate of all layers but the last, as a fraction of the full rate", gt=0, le=1
    )

    epochs: int = _field("Optimisation", 24, "passes over the training faces", ge=1, le=5000)
    batch_size: int = _field("Optimisation", 128, "faces per step", ge=2, le=8192)
    optimizer: Literal["sgd", "adam", "adamw", "radam"] = _field("Optimisation", "sgd", "sgd uses Nesterov momentum")
    learning_rate: float = _field("Optimisation", 0.1, "peak learning rate", gt=0, le=10)
    momentum: float = _field("Optimisation", 0.9, "momentum of sgd", ge=0, lt=1)
    peak_momentum: float = _field(
        "Optimisation",
        0.0,
        "momentum of sgd at one_cycle's peak rate (typically 0.85 with a momentum of 0.95); 0 = constant momentum",
        ge=0,
        lt=1,
    )
    weight_decay: float = _field(
        "Optimisation", 5e-4, "weight decay; applies to weights, not to norms and biases", ge=0, le=1
    )
    schedule: Literal["constant", "plateau", "cosine", "one_cycle"] = _field(
        "Optimisation", "one_cycle", "learning-rate schedule"
    )
    warmup_epochs: float = _field(
        "Optimisation",
        0.0,
        "epochs over which the learning rate rises to its full value (not for one_cycle); 0 = off",
        ge=0,
    )
    plateau_patience: int = _field(
        "Optimisation", 5, "epochs without improvement before plateau divides the learning rate by 10", ge=1
    )
    early_stopping: int = _field("Optimisation", 0, "stop after this many epochs without improvement; 0 = never", ge=0)
    ema: float = _field(
        "Optimisation",
        0.0,
        "decay per step of a moving average of the weights (typically 0.999); 0 = off",
        ge=0,
        lt=1,
    )

    clip_norm: float = _field("Optimisation", 0.0, "gradient clipping: maximum gradient norm per step; 0 = off", ge=0)

    label_smoothing: float = _field(
        "Targets", 0.1, "label smoothing: share of the target spread over all classes; 0 = off", ge=0, lt=1
    )
    soft_labels: float = _field(
        "Targets", 0.0, "share of the target taken from votes, where the data set has them; 0 = off", ge=0, le=1
    )
    votes_weight: float = _field(
        "Targets", 0.0, "loss weight of the people head, which learns the votes; 0 = no people head", ge=0
    )
    labels_from: str = _field(
        "Targets",
        "",
        "sources whose labels train the labels head, comma-separated, or all; empty = the sources of the "
        "validation faces if the others can train a people head (votes_weight), otherwise all",
    )
    people_from: str = _field(
        "Targets",
        "",
        "sources whose labels train the people head where a face has no votes, comma-separated, or all; empty = "
        "votes only, or the sources that an empty labels_from does not use",
    )
    people_balance: Literal["none", "square_root", "class_weights", "effective_number"] = _field(
        "Targets",
        "square_root",
        "weighting of rare classes among those labels; square_root: 1 / square root of the class's count",
    )
    teacher: str = _field(
        "Targets",
        "",
        "teachers for distillation, comma-separated: RUN_ID, bundled, or GROUP_ID of a cross-validation, whose "
        "networks each classify the faces they were not trained on",
    )
    teacher_share: float = _field(
        "Targets", 0.5, "share of the loss that compares the student with the teacher", ge=0, le=1
    )
    teacher_views: int = _field(
        "Targets",
        0,
        "random views of each face, drawn once, that the teacher classifies and the student is trained on "
        "(typically 16); 0 = the teacher classifies the plain face",
        ge=0,
        le=64,
    )
    teacher_temperature: float = _field(
        "Targets",
        2.0,
        "temperature that softens the teacher's and the student's probabilities; 1 = off",
        ge=1,
        le=20,
    )
    focal_gamma: float = _field(
        "Targets",
        0.0,
        "focal-loss gamma: down-weights faces that are already classified well (typically 2); 0 = off",
        ge=0,
    )

    flip: bool = _field("Augmentation", True, "mirror half of the faces at random")
    rotation_deg: float = _field("Augmentation", 10.0, "maximum rotation in degrees, in either direction", ge=0, le=180)
    translation_px: float = _field(
        "Augmentation", 6.0, "maximum shift in px of the data set's face, in any direction", ge=0
    )
    scale: float = _field("Augmentation", 0.1, "range of random scaling; 0.1 = from 0.9 to 1.1 times", ge=0, lt=1)
    crop_px: int = _field("Augmentation", 0, "side in px of random square crops to train on; 0 = whole faces", ge=0)
    brightness: float = _field("Augmentation", 0.2, "maximum brightness change as a share of white", ge=0, le=1)
    contrast: float = _field("Augmentation", 0.2, "range of random contrast; 0.2 = from 0.8 to 1.2 times", ge=0, lt=1)
    erasing: float = _field("Augmentation", 0.0, "share of faces with a random rectangle erased", ge=0, le=1)
    mixup: float = _field(
        "Augmentation", 0.0, "mixup: mix two faces with a weight from Beta(this, this); 0 = off", ge=0
    )
    cutmix: float = _field(
        "Augmentation",
        0.0,
        "CutMix: paste a piece of one face into another, with an area from Beta(this, this); 0 = off",
        ge=0,
    )

    test_views: Views = _field(
        "Evaluation",
        "flip",
        "views averaged when a face is classified: the face alone, with its mirror image, ten crops of crop_px, "
        "or shifted and zoomed (wide)",
    )

    seed: int = _field("Machine", 0, "seed of initial weights, order and augmentation", ge=0, le=2**31 - 1)
    device: str = _field("Machine", "auto", "auto, cpu, cuda, cuda:1 or mps", pattern=r"auto|cpu|mps|cuda(:\d+)?")
    devices: int = _field(
        "Machine", 1, "number of processes that train together, each on its own GPU or on the CPU", ge=1, le=1024
    )
    compile: bool = _field(
        "Machine",
        False,
        "torch.compile the network: costs half a minute at the start, which pays off for long runs on a GPU",
    )
    precision: Literal["auto", "float32", "bfloat16"] = _field(
        "Machine", "auto", "auto = measure and choose the fastest"
    )
    memory_format: Literal["auto", "channels_last", "contiguous"] = _field(
        "Machine",
        "auto",
        "auto = measure and choose the fastest; to reproduce a run bit for bit, set precision, this and threads",
    )
    threads: int = _field("Machine", 0, "CPU threads; 0 = measure and choose the fastest", ge=0, le=256)

    tensorboard: bool = _field(
        "Record", False, "also write the scores of each epoch to TensorBoard event files in the run's folder"
    )

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
            raise ValueError("must be 0, or 2 or more")
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
        InputError: one sentence per invalid field, with its name, the value found and what was expected.
    """
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        raise InputError(_explain(error)) from error


def read_config(document: Mapping[str, Any]) -> TrainConfig:
    """The config of a run's `config.json`, which an earlier version may have written; raises as build_config."""
    return build_config({**_EARLIER, **document})


def parse_settings(settings: list[str]) -> Settings:
    """`["epochs=3", "flip=false"]` as a dict of values for build_config; values are parsed as JSON where possible."""
    values: Settings = {}
    for setting in settings:
        field, equals, text = setting.partition("=")
        if not equals or field not in TrainConfig.model_fields:
            close = get_close_matches(field, TrainConfig.model_fields, 1)
            hint = f"Did you mean {close[0]}?" if close else f"The fields are {', '.join(TrainConfig.model_fields)}."
            raise InputError(f"--set {setting}: expected FIELD=VALUE with a field of the config. {hint}")
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
        sentences.append(f"{field}: {message}{found}. Change {field} and try again.")
    return " ".join(sentences)
