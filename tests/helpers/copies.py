"""A source with copies in it."""

import numpy as np
from PIL import Image

from fer_core.bench.copies import draw_waves


def write_copies(tmp_path):
    """Twenty faces by class folders, of which five are there again, mirrored and as JPEG, under another label."""
    for i, face in enumerate(draw_waves(20, np.random.default_rng(0))):
        for name in ("happy", "sad"):
            (tmp_path / "waves" / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(face).save(tmp_path / "waves" / "happy" / f"{i:02d}.png")
        if i < 5:
            Image.fromarray(face[:, ::-1]).save(tmp_path / "waves" / "sad" / f"{i:02d}.jpg")
    return (("folder", str(tmp_path / "waves")),)
