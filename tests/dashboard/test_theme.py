"""The colours of expressions, runs and sources stand out from both backgrounds."""

import pytest

from dashboard.theme import (
    DARK_BACKGROUND,
    EXPRESSION_COLOURS,
    LIGHT_BACKGROUND,
    RUN_COLOURS,
    SOURCE_COLOURS,
)


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", 0 to 1 (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_is_measured_as_the_standard_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("background", [LIGHT_BACKGROUND, DARK_BACKGROUND])
@pytest.mark.parametrize(
    "colours",
    [
        pytest.param(tuple(EXPRESSION_COLOURS.values()), id="expressions"),
        pytest.param(SOURCE_COLOURS, id="sources"),
        pytest.param(RUN_COLOURS, id="runs"),
    ],
)
def test_every_colour_stands_out_from_both_backgrounds(colours, background):
    assert min(contrast(colour, background) for colour in colours) >= 3
    assert len(set(colours)) == len(colours)
