"""The meaning of a YOLO data set's class numbers: `names` in data.yaml, or a legend such as classes.txt."""

import re
from pathlib import Path

from fer_core.errors import InputError
from fer_core.labels import parse_expression
from fer_core.sources.classes import ORDERS, Classes, UnclearNumbers
from fer_core.sources.ignored import list_plain_files
from fer_core.sources.lists.csv_files import read_text
from fer_core.sources.lists.legend import LEGEND_NAMES, Legend, read_legend_file

_ENTRY = re.compile(r"""^["']?names["']?\s*:[^\S\n]*""", re.MULTILINE)
_WHOLE_QUOTED = re.compile(r""""([^"\\]|\\.)*"|'([^']|'')*'""", re.DOTALL)
_LINES = re.compile(r"""(?:\n[^\S\n]*(?:-|["']?\d+["']?\s*:).*)+""")
_COMMENT = re.compile(r"""("[^"\n]*"|'[^'\n]*')|(?:^|(?<=\s))#[^\n]*""")


def read_yolo_names(path: Path, classes: Classes) -> Legend:
    """Number -> name; the user's settings take precedence over the files.

    Args:
        path: the folder of the data set.
        classes: the user's settings.

    Raises:
        InputError: if the meaning of the numbers is unknown, or two files contradict each other.
    """
    if classes.order:
        return Legend(classes.numbers, f"--meaning ({classes.order})")
    found = _read_files(path)
    for other in found[1:]:
        _check_same(found[0], other, set(classes.numbers), path)
    if found:
        return found[0]._replace(names=classes.merge_numbers(found[0].names))
    if classes.numbers:
        return Legend(classes.numbers, "--meaning (one by one)")
    raise UnclearNumbers(
        f"{path.name} has no data.yaml or classes.txt with the names of classes. Put it there, or say what the numbers "
        f"mean with --meaning numbers=ORDER (one of {', '.join(ORDERS)}) or 0=EXPRESSION and so on."
    )


def parse_yaml_names(text: str) -> tuple[dict[int, str], bool]:
    """The entry `names` of a data.yaml in any of its forms, and whether its numbers are positions from 0.

    The names are {} without one.
    """
    plain = re.sub(r"\n\s*(?=\n|$)", "", _COMMENT.sub(lambda match: match[1] or "", text))
    entry = _ENTRY.search(plain)
    if not entry:
        return {}, False
    lines = _LINES.match(plain, entry.end())
    items = lines[0].splitlines() if lines else _split_flow(plain[entry.end() :].lstrip())
    names, is_counted = {}, False
    for place, item in enumerate(part.strip().removeprefix("-").strip() for part in items if part.strip()):
        key, colon, name = item.partition(":")
        number = key.strip().strip("\"'")
        is_pair = bool(colon) and number.isdecimal() and not _WHOLE_QUOTED.fullmatch(item)
        is_counted = is_counted or not is_pair
        names[int(number) if is_pair else place] = _unquote((name if is_pair else item).strip())
    return names, is_counted


def _split_flow(text: str) -> list[str]:
    """The items of the list or map in brackets at the start of the text; [] if there is none or it is not closed."""
    items: list[str] = []
    item = quote = ""
    for char in text[1:] if text[:1] in ("[", "{") else "":
        if quote:
            is_escaped = quote == '"' and item.endswith("\\")
            quote = "" if char == quote and not is_escaped else quote
        elif char in "\"'" and (not item.strip() or item.rstrip()[-1] == ":" or item[-1] == char):
            quote = char  # at an item's beginning, after its key, or doubled inside quotes
        elif char in "]}":
            return [*items, item]
        elif char == ",":
            items.append(item)
            item = ""
            continue
        item += char
    return []


def _unquote(text: str) -> str:
    if not _WHOLE_QUOTED.fullmatch(text):
        return text.strip("\"'")
    return text[1:-1].replace("''", "'") if text[0] == "'" else re.sub(r"\\(.)", r"\1", text[1:-1])


def _read_files(path: Path) -> list[Legend]:
    found = []
    for file in (file for folder in (path, path / "labels") for file in list_plain_files(folder)):
        if file.suffix.lower() in (".yaml", ".yml"):
            names, is_counted = parse_yaml_names(read_text(file))
            if names:
                found.append(Legend(names, file.name, is_counted))
        elif file.name in LEGEND_NAMES:
            found.append(read_legend_file(file))
    written = [legend for legend in found if legend.where.startswith("legend.") and not legend.is_counted]
    return written or sorted(found, key=lambda legend: legend.where == "classes.txt")


def _check_same(one: Legend, other: Legend, said: set[int], path: Path) -> None:
    for number in sorted(set(one.names) & set(other.names) - said):
        a, b = one.names[number], other.names[number]
        if (parse_expression(a) or a.lower()) != (parse_expression(b) or b.lower()):
            raise InputError(
                f"{path.name} calls {number} {a} in {one.where} and {b} in {other.where}. Move the wrong file "
                "away, or state the numbers' meaning with --meaning numbers=ORDER."
            )
