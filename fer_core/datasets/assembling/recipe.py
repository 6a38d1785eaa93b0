"""The recipe of a data set: its sources and all choices of how they are combined."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from fer_core.base.documents import explain
from fer_core.base.workspace import absolute_path, check_name
from fer_core.datasets.checks.balance import Limits
from fer_core.datasets.checks.copies import COPY_RULES
from fer_core.datasets.checks.flags import check_flags
from fer_core.datasets.checks.turned.search import is_searched
from fer_core.datasets.corrections.log import CorrectionLog, open_log
from fer_core.datasets.corrections.overlay import Rules
from fer_core.datasets.dataset import open_dataset
from fer_core.datasets.info import DatasetInfo, KeptRecipe
from fer_core.datasets.splits import check_rule
from fer_core.errors import InputError
from fer_core.sources.classes import Classes, check_meanings, classes_of

SIZES = (48, 64, 96)
Source = str | Path | tuple[str, str]
"""A path whose reader is recognised, "READER=PATH", or a pair of reader and absolute path."""


@dataclass(frozen=True)
class DatasetRecipe:
    """The recipe of a data set.

    Attributes:
        name: of the data set.
        sources: each a path ("~/data/CK+48", the layout is detected), "READER=PATH", or a (reader, path) pair; stored
            as pairs. The `official` split is that of the first source that has one.
        split: one of `fer_core.datasets.splits.RULES`, or leave-out:SOURCE.
        size: side of the faces, px.
        seed: of the drawn splits.
        skip_bad: skip and count bad rows.
        copies: which copies are kept, one of `fer_core.datasets.checks.copies.COPY_RULES`.
        near: treat near copies as copies too.
        turned: whether turned, shifted or cropped near copies are searched for; None: only among up to
            `fer_core.datasets.checks.turned.search.MAX_FACES` different faces.
        labels: of `fer_core.datasets.corrections.overlay.Rules`, as are drop and relabel.
        drop: vote majorities whose faces are excluded.
        relabel: which faces votes and corrections may change or exclude: train or all.
        corrections: the list of corrections to apply: "own", "none", or another data set's name.
        leave_out: flags (`fer_core.datasets.checks.flags.FLAGS`) whose faces are excluded.
        caps: of `fer_core.datasets.checks.balance.Limits`, as is balance.
        balance: sources whose classes are all reduced to the size of the rarest.
        align: whether faces are detected and aligned (`fer_core.pictures.align`).
        meanings: ("[SOURCE:]CLASS", expression) pairs: user-given meanings of class names and numbers
            (`fer_core.sources.classes`).

    Example:
        >>> recipe = fer.DatasetRecipe("mixed", sources=["~/data/fer2013.csv", "ckplus=~/data/CK+48"])
        >>> [reader for reader, path in recipe.pairs]
        ['auto', 'ckplus']
    """

    name: str
    _: KW_ONLY
    sources: Sequence[Source]
    split: str = "official"
    size: int = 48
    seed: int = 0
    skip_bad: bool = False
    copies: str = "keep"
    near: bool = True
    labels: str = "source"
    drop: tuple[str, ...] = ()
    relabel: str = "train"
    corrections: str = "own"
    leave_out: tuple[str, ...] = ()
    caps: tuple[tuple[str, int], ...] = ()
    balance: tuple[str, ...] = ()
    align: bool = False
    meanings: tuple[tuple[str, str], ...] = ()
    turned: bool | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The sources as (reader, absolute path) pairs; the reader is "auto" if it is to be detected."""
        return cast(tuple[tuple[str, str], ...], self.sources)

    @property
    def limits(self) -> Limits:
        """The limits on the number of training faces of each source."""
        return Limits(self.caps, self.balance)

    @property
    def rules(self) -> Rules:
        """The rules by which votes and corrections change labels."""
        return Rules(self.labels, self.drop, self.relabel)

    def classes_of(self, source: str) -> Classes:
        """The meanings of the class names and numbers of the source of that name."""
        return classes_of(source, self.meanings)

    def open_corrections(self) -> CorrectionLog | None:
        """The list of corrections to apply, if any.

        Raises:
            InputError: for a name without a list of corrections or a data set.
        """
        if self.corrections == "none":
            return None
        log = open_log(self.name if self.corrections == "own" else self.corrections)
        if self.corrections != "own" and not log.path.is_file():
            open_dataset(self.corrections)  # else a misspelt name would pass for a list without corrections
        return log

    def searches_turned(self, n: int) -> bool:
        """Whether turned, shifted and cropped copies are searched for among `n` different faces."""
        return self.near and is_searched(n, self.turned)

    def __post_init__(self) -> None:
        check_name(self.name, "data set")
        if not self.sources:
            raise InputError("A data set needs at least one source. Add one, such as fer2013=PATH.")
        for field in fields(self):
            object.__setattr__(self, field.name, _make_tuples(getattr(self, field.name)))
        sources = (self.sources,) if isinstance(self.sources, str | Path) else self.sources
        object.__setattr__(self, "sources", tuple(map(_pair, sources)))
        check_rule(self.split)
        if self.copies not in COPY_RULES:
            raise InputError(f"Unknown rule for copies {self.copies!r}: choose one of {', '.join(COPY_RULES)}.")
        if self.size not in SIZES:
            raise InputError(f"Unknown size {self.size}: choose one of {', '.join(map(str, SIZES))}.")
        check_name(self.corrections, "data set")
        if self.turned and not self.near:
            raise InputError("Turned copies are near copies. Include near copies, or do not search for turned copies.")
        Rules(self.labels, self.drop, self.relabel)
        check_flags(self.leave_out)
        Limits(self.caps, self.balance)
        check_meanings(self.meanings)


def read_recipe(document: KeptRecipe | Mapping[str, object]) -> DatasetRecipe:
    """The recipe stored in `dataset.json` or a job; missing fields of older ones have their defaults.

    Raises:
        InputError: if it is not a recipe.
    """
    try:
        kept = document if isinstance(document, KeptRecipe) else KeptRecipe.model_validate(document)
    except (ValidationError, RecursionError) as error:
        raise InputError(f"The recipe cannot be read ({explain(error)}). Assemble the data set again.") from error
    return DatasetRecipe(**{field.name: getattr(kept, field.name) for field in fields(DatasetRecipe)})


def recipe_of(info: DatasetInfo) -> DatasetRecipe:
    """The recipe of a data set."""
    return read_recipe(info.recipe.model_copy(update={"name": info.name}))


def _pair(source: Source) -> tuple[str, str]:
    return source if isinstance(source, tuple) else parse_source(str(source))


def _make_tuples(value: object) -> object:
    """Converts lists, as in JSON and user input, to tuples."""
    return tuple(map(_make_tuples, value)) if isinstance(value, list | tuple) else value


def parse_source(text: str) -> tuple[str, str]:
    """`fer2013=PATH` -> ("fer2013", absolute path); for PATH alone, the reader is "auto", detected by layout.

    Text before the first "=" is a reader only if it is the name of one, so that paths may contain "=" too.

    Raises:
        InputError: for an unknown name that is not an existing path either.
    """
    from fer_core.sources.readers import READERS, has_files

    name, equals, path = text.partition("=")
    if equals and name in READERS and not has_files(name):
        return name, path
    if equals and name in ("auto", *READERS):
        return name, str(absolute_path(path).resolve())
    whole = absolute_path(text)
    if equals and not whole.exists() and "/" not in name:
        raise InputError(
            f"{text}: {name!r} is neither a reader nor an existing path. Give READER=PATH with auto or one of "
            f"{', '.join(READERS)}, or PATH alone."
        )
    return "auto", str(whole.resolve())


def name_sources(readers: list[str]) -> list[str]:
    """Unique names of a data set's sources, numbered for repeated readers: folder, folder-2, ..."""
    seen: Counter[str] = Counter()
    names = []
    for reader in readers:
        seen[reader] += 1
        names.append(f"{reader}-{seen[reader]}" if seen[reader] > 1 else reader)
    return names
