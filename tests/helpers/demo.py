"""The demo source with a few invented people: drawn in a fifth of the time."""

from functools import partial

from fer_core.sources.demo import reader
from fer_core.sources.demo.people import make_demo_faces

N_FEW = 84  # faces, the fewest that the few people can have


def draw_few_people(monkeypatch):
    """Lets the demo source draw 12 people, where it draws 60 and thus 420 faces or more."""
    monkeypatch.setattr(reader, "make_demo_faces", partial(make_demo_faces, n_subjects=12))
