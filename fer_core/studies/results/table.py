"""Writes the document of results: tables and notes between its two marks, and an SVG figure per row.

The text around the marks is kept. The same rows always give the same bytes.
"""

import textwrap
from pathlib import Path

from fer_core.base.files import write_atomic
from fer_core.base.text import escape, table
from fer_core.errors import InputError
from fer_core.studies.results.chart import draw_row
from fer_core.studies.results.durations import format_duration
from fer_core.studies.results.lines import Line, Score, Shown, read_rows
from fer_core.studies.results.rows import Section
from fer_core.studies.results.table_file import TableFile

BEGIN = "<!-- fer results table: begin. What stands here is written by the command; write above or below. -->"
END = "<!-- fer results table: end -->"
_TRUTH = {"labels": "labelled", "votes": "voted"}
_EMPTY = f"# Results\n\n{BEGIN}\n{END}\n"
_BY_HAND = "†"  # marks lines without a JSON file
_WIDTH = 120  # of the lines under a table
_LEGEND = (
    "Scores are percentages, with the 95 % interval of the test accuracy in brackets. “No copies” excludes test faces "
    "with an exact copy among the faces the network was trained on. “Floor” is the ECE expected of a perfectly "
    f"calibrated network with the same confidences. {_BY_HAND} marks scores recorded by hand. The notes under each "
    "table give the command, the epochs, the device, the time, the number of test faces, and the date."
)


def write_table(file: TableFile) -> list[Path]:
    """Writes the document and the rows' figures; returns their paths.

    Raises:
        InputError: when the document lacks the marks.
    """
    shown = read_rows(file)
    before, after = _read_around(file.document)
    figures = write_figures(file, shown)
    text = f"{before}{BEGIN}\n\n{build_tables(file, shown, figures)}\n{END}{after}"
    write_atomic(file.document, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return [file.document, *figures.values()]


def write_figures(file: TableFile, shown: list[Shown]) -> dict[str, Path]:
    """Draws the figure of each row that has results; row -> its file."""
    paths = {}
    for each in shown:
        svg = draw_row(each.counted, each.row.title, _TRUTH[each.row.against])
        if svg is not None:
            path = paths[each.row.name] = file.folder / f"{each.row.name}.svg"
            write_atomic(path, lambda temporary, svg=svg: temporary.write_text(svg, encoding="utf-8"))  # type: ignore[misc]
    return paths


def build_tables(file: TableFile, shown: list[Shown], figures: dict[str, Path]) -> str:
    """The Markdown of every section that has rows: heading, text, table, notes and figures."""
    parts = [textwrap.fill(_LEGEND, _WIDTH) + "\n"]
    for key, section in file.sections.items():
        rows = [each for each in shown if each.row.section == key]
        if not rows:
            continue
        words = f"{section.text.strip()}\n\n" if section.text.strip() else ""
        parts.append(f"## {section.title}\n\n{words}{_build_section(section, rows)}\n")
        drawn = [
            f"**{escape(each.row.title)}**\n\n![Curves and confusion matrix of {escape(each.row.title)}]"
            f"({file.folder.name}/{figures[each.row.name].name})\n"
            for each in rows
            if each.row.name in figures
        ]
        if drawn:
            parts.append("### " + f"Curves and confusion: {section.title}\n\n" + "\n".join(drawn))
    return "\n".join(parts)


def _build_section(section: Section, rows: list[Shown]) -> str:
    """The table of the lines with scores, a numbered note on each, and a list of the lines without scores."""
    has_val = any(line.val for each in rows for line in each.lines)
    header = ["", "run", "seed", *([section.val] if has_val else []), f"{section.test} (95 %)"]
    header += ["no copies", "F1", "ECE (floor)"]
    cells: list[list[str]] = []
    notes: list[str] = []
    others: list[str] = []
    for each in rows:
        scored = [line for line in each.lines if line.test or line.val]
        for line in scored:
            title = escape(line.title) if line is scored[0] else ""
            cells.append(_build_cells(line, f"{len(notes) + 1}", title, has_val))
            notes.append(_wrap(f"{len(notes) + 1}. ", _tell_line(line)))
        cells += _average(each.lines, has_val)
        others += [
            _wrap("- ", ": ".join(filter(None, [f"**{escape(line.title)}**", _tell_line(line)])))
            for line in each.lines
            if line not in scored
        ]
    parts = [table(header, cells) if cells else "", "\n".join(notes), "\n".join(others)]
    return "\n\n".join(filter(None, parts))


def _build_cells(line: Line, number: str, title: str, has_val: bool) -> list[str]:
    return [
        number + (_BY_HAND if line.by_hand else ""),
        title,
        "" if line.seed is None else str(line.seed),
        *([_write(line.val)] if has_val else []),
        _write_with_interval(line.test),
        _write(line.without_copies),
        "" if line.macro_f1 is None else _percentage(line.macro_f1),
        _write_ece(line),
    ]


def _tell_line(line: Line) -> str:
    """The details of a line that have no column."""
    n = f"n = {line.test.n:,}" if line.test and line.test.n else ""
    if n and line.without_copies and line.without_copies.n:
        n += f", {line.without_copies.n:,} without copies"
    parts = [
        f"`{line.command}`" if line.command else "",
        f"epochs: {escape(line.epochs)}" if line.epochs else "",
        ", ".join(filter(None, [escape(line.device), format_duration(line.seconds) if line.seconds else ""])),
        n,
        line.measured and f"{'recorded by hand on' if line.by_hand else 'measured'} {line.measured}",
        escape(line.note),
    ]
    return "; ".join(filter(None, parts)) + "."


def _wrap(mark: str, text: str) -> str:
    """A list item in lines of at most 120 characters; a longer word stays whole."""
    return textwrap.fill(
        text, _WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _average(lines: tuple[Line, ...], has_val: bool) -> list[list[str]]:
    """A line with the mean and the standard deviation over the seeds; none for fewer than two."""
    measured = [line for line in lines if line.is_counted and not line.by_hand and line.seed is not None and line.test]
    if len(measured) < 2:
        return []
    without = [line.without_copies.value for line in measured if line.without_copies]
    figures = [
        *([_spread([line.val.value for line in measured if line.val])] if has_val else []),
        _spread([line.test.value for line in measured if line.test]),
        _spread(without),
        _spread([line.macro_f1 for line in measured if line.macro_f1 is not None]),
        _spread([line.ece for line in measured if line.ece is not None]),
    ]
    return [["", f"mean ± standard deviation, {len(measured)} seeds", "", *figures]]


def _spread(values: list[float]) -> str:
    if len(values) < 2:
        return ""
    mean = sum(values) / len(values)
    deviation = (sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5
    return f"{100 * mean:.1f} ± {100 * deviation:.1f}"


def _percentage(share: float) -> str:
    return f"{100 * share:.1f}"


def _write(score: Score | None) -> str:
    return _percentage(score.value) if score else ""


def _write_with_interval(score: Score | None) -> str:
    if score is None or score.interval is None:
        return _write(score)
    low, high = score.interval
    return f"{_percentage(score.value)} ({_percentage(low)} to {_percentage(high)})"


def _write_ece(line: Line) -> str:
    if line.ece is None:
        return ""
    return _percentage(line.ece) + ("" if line.ece_floor is None else f" ({_percentage(line.ece_floor)})")


def _read_around(path: Path) -> tuple[str, str]:
    """The text before and after the marks; a document that does not exist yet starts with a heading."""
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else _EMPTY
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text ({error}). Save it as UTF-8 and try again.") from error
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after:
        raise InputError(f"{path} lacks the two marks between which the tables are written. Add {BEGIN} and {END}.")
    return before, after
