"""Named trainings: what the Train page offers as presets and `--preset` takes."""

from dataclasses import dataclass
from typing import Any

from fer_core.errors import InputError


@dataclass(frozen=True)
class Recipe:
    """A name for some of a config's fields; the rest keep their defaults.

    Attributes:
        about: what it is for, and where it comes from.
        values: field -> value.
    """

    about: str
    values: dict[str, Any]


# The course project's augmentation and head: flip, 10 degrees, 10 px, no change of light.
_COURSE: dict[str, Any] = {
    "epochs": 60, "batch_size": 64, "schedule": "plateau", "label_smoothing": 0.0, "early_stopping": 15,
    "translation_px": 10.0, "scale": 0.0, "brightness": 0.0, "contrast": 0.0, "test_views": "one",
}  # fmt: skip
_SGD: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 0.01, "weight_decay": 1e-4}
_ADAM: dict[str, Any] = {"optimizer": "adam", "learning_rate": 1e-4, "weight_decay": 1e-5}

RECIPES: dict[str, Recipe] = {
    "quick": Recipe(
        "Less than a minute on two CPU cores for the drawn demo faces: the small compact network at 40 px.",
        {
            "model": "compact_small", "input_px": 40, "epochs": 8, "batch_size": 48, "optimizer": "adamw",
            "learning_rate": 0.005, "rotation_deg": 8.0, "scale": 0.05, "translation_px": 3.0, "brightness": 0.1,
            "contrast": 0.1,
        },
    ),
    "compact": Recipe(
        "The project's own network, and how the one that comes with it was trained: two hours on one CPU thread with "
        "bfloat16 units for FER2013.",
        {
            "model": "compact", "epochs": 110, "votes_weight": 1.0, "ema": 0.998, "dropout": 0.2,
            "rotation_deg": 12.0, "scale": 0.12, "contrast": 0.25, "erasing": 0.2,
        },
    ),
    "resnet18": Recipe(
        "ResNet-18 from scratch on 48 px grey faces with a one-cycle schedule.",
        {"model": "resnet18", "epochs": 40, "dropout": 0.2},
    ),
    "resnet50": Recipe(
        "The course project's ResNet-50 from scratch: SGD-Nesterov, plateau schedule, dropout.",
        {**_COURSE, **_SGD, "model": "resnet50", "dropout": 0.5},
    ),
    "resnet50-transfer": Recipe(
        "The course project's transferred ResNet-50: ImageNet weights, three channels, 224 px, Adam.",
        {
            **_COURSE, **_ADAM, "model": "resnet50", "channels": 3, "init": "imagenet", "input_px": 224,
            "dropout": 0.5, "epochs": 30,
        },
    ),
    "vgg19": Recipe(
        "The course project's VGG-19, with batch norm: SGD-Nesterov, plateau schedule, dropout.",
        {**_COURSE, **_SGD, "model": "vgg19_bn", "dropout": 0.5},
    ),
    "efficientnet": Recipe(
        "The course project's EfficientNet, its best line (67 %): ImageNet weights, 112 px, Adam.",
        {
            **_COURSE, **_ADAM, "model": "efficientnet_b0", "channels": 3, "init": "imagenet", "input_px": 112,
            "dropout": 0.3, "epochs": 30,
        },
    ),
}  # fmt: skip


def recipe_values(name: str) -> dict[str, Any]:
    """The config fields that a recipe sets.

    Raises:
        InputError: for an unknown name.
    """
    if name not in RECIPES:
        raise InputError(f"Unknown preset {name!r}: choose one of {', '.join(RECIPES)}.")
    return dict(RECIPES[name].values)
