"""The result of a benchmark."""

from typing import Any

Measured = dict[str, Any]  # name -> number, or a list of such; what --json prints
