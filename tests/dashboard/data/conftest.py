"""What the tests of the Data page share."""

import pytest


@pytest.fixture
def started(monkeypatch):
    recipes = []
    monkeypatch.setattr("dashboard.data.assembly.start_assembly", recipes.append)
    return recipes
