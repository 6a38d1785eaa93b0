"""Writes the document: the tables between its two marks, and the rows' figures; what people wrote around them stays.

The same rows give the same bytes.
"""

from pathlib import Path

from fer_core.base.files import write_atomic
from fer_core.base.text import escape, percent, table
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
    """The Markdown of every section that has rows: heading, words, table, figures."""
    parts = []
    for key, section in file.sections.items():
        rows = [each for each in shown if each.row.section == key]
        if not rows:
            continue
        words = f"{section.text.strip()}\n\n" if section.text.strip() else ""
        parts.append(f"## {section.title}\n\n{words}{_build_table(section, rows)}\n")
        drawn = [
            f"**{escape(each.row.title)}**\n\n![Curves and confusion matrix of {escape(each.row.title)}]"
            f"({file.folder.name}/{figures[each.row.name].name})\n"
            for each in rows
            if each.row.name in figures
        ]
        if drawn:
            parts.append("### " + f"Curves and confusion: {section.title}\n\n" + "\n".join(drawn))
    return "\n".join(parts)


def _build_table(section: Section, rows: list[Shown]) -> str:
    has_val = any(line.val for each in rows for line in each.lines)
    header = [
        "row", "seed", "epochs", "device, time", *([section.val] if has_val else []), f"{section.test} (95 % interval)",
        "without copies", "macro F1", "ECE (floor)", "how",
    ]  # fmt: skip
    cells = []
    for each in rows:
        for i, line in enumerate(each.lines):
            cells.append(_build_cells(line, has_val, is_first=i == 0))
        cells += _average(each.lines, has_val)
    return table(header, cells)


def _build_cells(line: Line, has_val: bool, is_first: bool) -> list[str]:
    name = f"**{escape(line.title)}**" if is_first else ""
    command = "`" + line.command.replace("|", r"\|") + "`" if line.command else ""
    device = ", ".join(filter(None, [escape(line.device), format_duration(line.seconds) if line.seconds else ""]))
    figures = [
        *([_write(line.val)] if has_val else []),
        _write_with_interval(line.test),
        f"{_write(line.without_copies)} (n = {line.without_copies.n:,})"
        if line.without_copies and line.without_copies.n
        else _write(line.without_copies),
        percent(line.macro_f1) if line.macro_f1 is not None else "",
        _write_ece(line),
    ]
    if line.by_hand:
        figures = [f"*{figure}*" if figure else "" for figure in figures]
    how = f"*recorded by hand on {line.measured}*" if line.by_hand else line.measured and f"measured {line.measured}"
    seed = "" if line.seed is None else str(line.seed)
    said = ". ".join(filter(None, [how, escape(line.note)]))
    return [": ".join(filter(None, [name, command])), seed, escape(line.epochs), device, *figures, said]


def _average(lines: tuple[Line, ...], has_val: bool) -> list[list[str]]:
    """A line with the mean and the standard deviation over the seeds, where there are two or more."""
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
    return [[f"mean ± standard deviation of {len(measured)} seeds", "", "", "", *figures, ""]]


def _spread(values: list[float]) -> str:
    if len(values) < 2:
        return ""
    mean = sum(values) / len(values)
    deviation = (sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5
    return f"{100 * mean:.1f} ± {100 * deviation:.1f} %"


def _write(score: Score | None) -> str:
    return percent(score.value) if score else ""


def _write_with_interval(score: Score | None) -> str:
    if score is None:
        return ""
    if score.interval is None:
        return percent(score.value)
    low, high = score.interval
    return f"{percent(score.value)} ({100 * low:.1f} to {100 * high:.1f}, n = {score.n:,})"


def _write_ece(line: Line) -> str:
    if line.ece is None:
        return ""
    return percent(line.ece) if line.ece_floor is None else f"{percent(line.ece)} ({percent(line.ece_floor)})"


def _read_around(path: Path) -> tuple[str, str]:
    """What stands before and after the marks; a document that is not there yet begins with a heading."""
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else _EMPTY
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text ({error}). Save it as UTF-8 and try again.") from error
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after:
        raise InputError(f"{path} lacks the two marks between which the tables are written. Put in {BEGIN} and {END}.")
    return before, after
