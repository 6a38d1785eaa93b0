"""What each class and each source weighs in a training on a data set, under every choice that the training has."""

from typing import Any

import numpy as np

from fer_core.datasets.class_weights import WEIGHTINGS, count_worth, weigh_faces
from fer_core.labels import EXPRESSIONS, INDEX

Cell = dict[str, Any]  # one class of one source
STAGES = ("n_read", "n_before", "n_after")  # of `fer_core.datasets.checks.balance.limit_training`


def describe_balance(info: dict[str, Any]) -> dict[str, Any]:
    """Training faces before and after, and effective weights, by class and by source.

    Args:
        info: `dataset.json`. Data sets of before there were limits have no "balance": n_read and n_before are None.

    Returns:
        n: training faces. n_left_out: those over a limit.
        classes: [{expression, n_read, n_before, n_after, share, effective_number, weights}]: the share of the training
            faces, how many different faces they are worth, and what one weighs under each of WEIGHTINGS (1: as much as
            with none; under sampler, how often it is drawn in a pass).
        sources: [{source, n_read, n_before, n_after, shares}]: the share of the training under each of WEIGHTINGS.
        cells: [{source, expression, n_read, n_before, n_after, share}]: the share of the class.
    """
    cells = _list_cells(info)
    n_after = np.array([sum(cell["n_after"] for cell in cells if cell["expression"] == e) for e in EXPRESSIONS])
    weights = {name: weigh_faces(n_after, name) for name in WEIGHTINGS}
    return {
        "n": int(n_after.sum()),
        "n_left_out": info["balance"]["n_left_out"] if "balance" in info else 0,
        "classes": _describe_classes(cells, n_after, weights),
        "sources": _describe_sources(cells, int(n_after.sum()), weights),
        "cells": [{**cell, "share": _divide(cell["n_after"], n_after[INDEX[cell["expression"]]])} for cell in cells],
    }


def _describe_classes(cells: list[Cell], n_after: np.ndarray, weights: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    return [
        {
            "expression": expression,
            **_sum_stages([cell for cell in cells if cell["expression"] == expression]),
            "share": _divide(n_after[i], n_after.sum()),
            "effective_number": float(count_worth(n_after[i])),
            "weights": {name: float(of_class[i]) for name, of_class in weights.items()},
        }
        for i, expression in enumerate(EXPRESSIONS)
    ]


def _describe_sources(cells: list[Cell], n: int, weights: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    described = []
    for source in dict.fromkeys(cell["source"] for cell in cells):
        own = [cell for cell in cells if cell["source"] == source]
        shares = {
            name: _divide(sum(of_class[INDEX[cell["expression"]]] * cell["n_after"] for cell in own), n)
            for name, of_class in weights.items()
        }
        described.append({"source": source, **_sum_stages(own), "shares": shares})
    return described


def _list_cells(info: dict[str, Any]) -> list[Cell]:
    if "balance" in info:
        return list(info["balance"]["counts"])
    after = {(row["source"], row["expression"]): row["n"] for row in info["counts"] if row["split"] == "train"}
    return [
        {
            "source": part["source"], "expression": expression, "n_read": None, "n_before": None,
            "n_after": after.get((part["source"], expression), 0),
        }
        for part in info["sources"]
        for expression in EXPRESSIONS
    ]  # fmt: skip


def _sum_stages(cells: list[Cell]) -> dict[str, int | None]:
    columns = {stage: [cell[stage] for cell in cells] for stage in STAGES}
    return {stage: None if None in column else sum(column) for stage, column in columns.items()}


def _divide(part: Any, whole: Any) -> float:
    return float(part / whole) if whole else 0.0
