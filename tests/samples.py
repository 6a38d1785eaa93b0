"""Small samples in the layouts that people have on disk, made of noise or of patterns that can be learned."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from fer_core.data.assemble import Recipe, assemble
from fer_core.data.dataset import Dataset

USAGES = ("Training", "PublicTest", "PrivateTest")


def pattern(expression: int, rng: np.random.Generator, size: int = 48) -> np.ndarray:
    """(size, size) uint8: noise with a bright bar whose place tells the class."""
    face = rng.integers(0, 90, (size, size))
    top = 2 + expression * (size // 8)
    face[top : top + size // 8, 4:-4] += 150
    return face.astype(np.uint8)


def write_fer2013(
    folder: Path, n_per_class: int = 6, seed: int = 0, header: str = "emotion,pixels,Usage", bad: Sequence[str] = ()
) -> Path:
    """A fer2013.csv whose every third face is for validation and every third for the test; `bad` rows at the end."""
    rng = np.random.default_rng(seed)
    names = [name.strip() for name in header.split(",")]
    lines = [header]
    for i in range(7 * n_per_class):
        pixels = " ".join(map(str, pattern(i % 7, rng).ravel()))
        fields = {"emotion": str(i % 7), "pixels": pixels, "Usage": USAGES[i // 7 % 3]}
        lines.append(",".join(fields[name] for name in names))
    path = folder / "fer2013.csv"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, *bad]) + "\n")
    return path


def write_image(path: Path, seed: int = 0, size: int = 48) -> None:
    """A grey picture of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    Image.fromarray(rng.integers(0, 256, (size, size)).astype(np.uint8)).save(path)


def write_ckplus(root: Path) -> Path:
    """CK+48 with two subjects, three frames a sequence, and contempt."""
    seed = 0
    for label, subject in (("anger", "S010"), ("happy", "S010"), ("sadness", "S011"), ("contempt", "S011")):
        for frame in (15, 16, 17):
            seed += 1
            write_image(root / "CK+48" / label / f"{subject}_001_{frame:08d}.png", seed)
    return root / "CK+48"


def write_affectnet(root: Path) -> Path:
    """The shared folder form: image 2 lies in the wrong folder, image 3 is contempt."""
    rows = [("anger", "anger"), ("happy", "happy"), ("happy", "sad"), ("contempt", "contempt"), ("neutral", "neutral")]
    lines = [",pth,label,relFCs"]
    for i, (folder, label) in enumerate(rows):
        write_image(root / folder / f"image{i:07d}.jpg", i, 96)
        lines.append(f"{i},{folder}/image{i:07d}.jpg,{label},0.9")
    (root / "labels.csv").write_text("\n".join(lines) + "\n")
    return root


def make_dataset(tmp_path: Path, name: str = "tiny", n_per_class: int = 6, seed: int = 0) -> Dataset:
    """An assembled data set of patterns, a third of it for each split."""
    return assemble(Recipe(name, (("fer2013", str(write_fer2013(tmp_path / f"{name}-source", n_per_class, seed))),)))


def make_voted_dataset(tmp_path: Path) -> Dataset:
    """`make_dataset` under the name voted, whose every face one person called neutral and nine happy."""
    source = write_fer2013(tmp_path / "voted-source")
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    votes = "Training,x.png,1,9,0,0,0,0,0,0,0,0\n" * 42
    source.with_name("fer2013new.csv").write_text(f"Usage,Image name,{names}\n{votes}")
    return assemble(Recipe("voted", (("fer2013", str(source)),)))
