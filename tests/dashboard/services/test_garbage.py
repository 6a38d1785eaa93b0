import gc
import sys
import types

from dashboard.services import garbage


def test_what_is_imported_is_frozen_once_and_later_garbage_is_still_collected(monkeypatch):
    monkeypatch.setattr(garbage, "_n_modules", 0)
    monkeypatch.setitem(sys.modules, "just_imported", types.ModuleType("just_imported"))
    try:
        garbage.freeze_imports()
        n_frozen = gc.get_freeze_count()
        assert n_frozen > 10_000
        cycle = []
        cycle.append(cycle)
        garbage.freeze_imports()
        assert gc.get_freeze_count() == n_frozen
        del cycle
        assert gc.collect() > 0
    finally:
        gc.unfreeze()
