"""Types of fields in the documents of a workspace, with the range of their values."""

from typing import Annotated

from pydantic import AfterValidator, Field

from fer_core.labels import EXPRESSIONS, INDEX

_ROUNDING = 1e-9


def _check_expression(name: str) -> str:
    if name not in INDEX:
        raise ValueError(f"{name!r} is not one of {', '.join(EXPRESSIONS)}")
    return name


Count = Annotated[int, Field(ge=0, lt=2**53)]  # which every program reads exactly
Share = Annotated[float, Field(ge=-_ROUNDING, le=1 + _ROUNDING, allow_inf_nan=False)]
Measure = Annotated[float, Field(ge=0, allow_inf_nan=False)]  # from 0 up
Expression = Annotated[str, AfterValidator(_check_expression)]
