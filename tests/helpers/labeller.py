"""A person at the labeller in a real browser, and what their keys mean."""

import json
import random

from fer_core.datasets.corrections.log import DROP, open_log
from fer_core.labels import EXPRESSIONS
from tests.helpers.browser import LONG_MS

MEANT = dict(zip("1234567", EXPRESSIONS, strict=True)) | {"0": DROP}


PACE_MS = 100  # ten keys a second


class Person:
    """Presses keys, and keeps what must be in the list: (face_id, expression), or the number of the line undone."""

    def __init__(self, page):
        self.page = page
        self.labeller = page.locator(".labeller")
        self.wanted = []
        self.standing = []  # numbers of lines

    def shown(self):
        return self.labeller.get_attribute("data-face-id")

    def press(self, key):
        """One key; the screen must move on at once, without the server."""
        face = self.shown()
        assert face, "there is no face on the screen"
        self.page.keyboard.press(key)
        self._expect(key, face)

    def click(self, key, **options):
        face = self.shown()
        self.labeller.locator(f"button[aria-keyshortcuts='{key}']").click(**options)
        self._expect(key, face)

    def _expect(self, key, face):
        if key in MEANT:
            self.standing.append(len(self.wanted))
            self.wanted.append((face, MEANT[key]))
            assert self.shown() != face
        elif key == "U" and self.standing:
            undone = self.standing.pop()
            self.wanted.append(undone)
            assert self.shown() == self.wanted[undone][0]
        elif key == "S":
            assert self.shown() != face

    def press_all(self, keys):
        for key in keys:
            self.press(key)
            self.page.wait_for_timeout(PACE_MS)

    def wait_until_saved(self):
        self.labeller.locator("[data-state=saved]").wait_for(timeout=LONG_MS)


def read_lines(name="tiny"):
    """The lines of the list as Person has them."""
    lines, numbers = [], {}
    path = open_log(name).path
    for line in map(json.loads, path.read_text().splitlines() if path.is_file() else []):
        if "undo" in line:
            lines.append(numbers[line["undo"]])
        else:
            numbers[line["correction_id"]] = len(lines)
            lines.append((line["face_id"], line["expression"]))
    return lines


def mix_keys(n, seed=0):
    """Two thirds decisions, and skips and undoings among them."""
    return random.Random(seed).choices("12345670SU", [2, 2, 2, 2, 2, 2, 2, 1, 3, 4], k=n)
