"""Pictures inside Parquet files, as Hugging Face stores them: `train-00000.parquet#17` is the one in the 17th row."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it takes a while to import, and few sources need it
    import pyarrow

_MARK = ".parquet#"
IMAGE = ("image", "img", "picture", "image_bytes", "bytes", "jpg", "png", "face")


def name_row(file: str, number: int) -> str:
    """The origin of a row's picture, the first row being 1.

    Args:
        file: the Parquet file's path inside the source.
        number: of the row.
    """
    return f"{file}#{number}"


def find_picture(root: str, origin: str) -> str | bytes | ValueError:
    """What to read an origin's picture from: its path, or its bytes in a Parquet file.

    The error, with a phrase, if the file has no such row or the row has no picture.
    """
    name, mark, number = origin.rpartition(_MARK)
    if not mark or not number.isdecimal():
        return f"{root}/{origin}"
    try:
        return _read_picture(f"{root}/{name}{_MARK[:-1]}", int(number) - 1)
    except ValueError as error:
        return error


def find_image_column(schema: "pyarrow.Schema") -> str:
    """The column of pictures: bytes, or a struct with bytes; "" without one."""
    import pyarrow as pa

    def has_bytes(kind: Any) -> bool:
        if pa.types.is_struct(kind):
            return kind.get_field_index("bytes") >= 0 and has_bytes(kind.field("bytes").type)
        return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))

    found = [field.name for field in schema if has_bytes(field.type)]
    named = [name for name in found if name.lower() in IMAGE]
    return (named or (found if len(found) == 1 else [""]))[0]


def _read_picture(file: str, row: int) -> bytes:
    import pyarrow as pa

    try:
        starts = _find_groups(file)
        group = next((i for i, start in reversed(list(enumerate(starts[:-1]))) if start <= row), 0)
        if row >= starts[-1]:
            raise ValueError(f"the file has {starts[-1]} rows")
        data = _read_group(file, group)[row - starts[group]].as_py()
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"the file cannot be read ({error})") from error
    if not data:
        raise ValueError("the row has no picture")
    return bytes(data)


@lru_cache(maxsize=8)
def _find_groups(file: str) -> list[int]:
    """The first row of each row group, and the number of rows."""
    from pyarrow.parquet import read_metadata

    metadata = read_metadata(file)
    starts = [0]
    for i in range(metadata.num_row_groups):
        starts.append(starts[-1] + metadata.row_group(i).num_rows)
    return starts


@lru_cache(maxsize=1)
def _read_group(file: str, group: int) -> Any:
    """The bytes of the pictures in one row group; a source's pictures are read in order."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(file) as source:
        column = find_image_column(source.schema_arrow)
        table = source.read_row_group(group, columns=[column])
    images = table.column(column).combine_chunks()
    return images.field("bytes") if hasattr(images, "field") else images
