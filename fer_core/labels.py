"""The seven expressions, their order, and the names other data sets give them.

The order is FER2013's and lives here alone: it is never sorted and never rebuilt from folders.
"""

from functools import lru_cache

EXPRESSIONS: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
N_EXPRESSIONS = len(EXPRESSIONS)
INDEX: dict[str, int] = {expression: i for i, expression in enumerate(EXPRESSIONS)}

_ALIASES: dict[str, str] = {
    "anger": "angry",
    "disgusted": "disgust",
    "disgusting": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "scared": "fear",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
    "suprise": "surprise",
    "suprised": "surprise",
    "neutrality": "neutral",
    "natural": "neutral",
}

# Classes that data sets carry and this project leaves out, counting them.
OUTSIDE: tuple[str, ...] = ("contempt", "none", "uncertain", "no-face", "nf", "unknown", "non-face")


@lru_cache(maxsize=1024)
def parse_expression(text: object) -> str | None:
    """One of EXPRESSIONS for a class name as data sets spell it, or None when it is none of the seven.

    Case, spaces and the usual variants (anger, happiness, fearful, ...) do not matter.
    """
    name = str(text).strip().lower()
    name = _ALIASES.get(name, name)
    return name if name in INDEX else None


def is_class_name(text: object) -> bool:
    """True for any class name that a data set of expressions may use, the left-out ones included."""
    return parse_expression(text) is not None or str(text).strip().lower() in OUTSIDE
