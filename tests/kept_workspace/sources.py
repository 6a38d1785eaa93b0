"""The drawn sources of the kept workspace: a fer2013.csv with votes, and a folder and a zip of pictures."""

from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from PIL import Image

from fer_core.labels import EXPRESSIONS
from fer_core.sources.demo.people import DemoFaces, make_demo_faces

USAGES = ("Training", "PublicTest", "PrivateTest")
FER2013 = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # the numbers of its column emotion
VOTES = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
VOTE_OF = {"neutral": 0, "happy": 1, "surprise": 2, "sad": 3, "angry": 4, "disgust": 5, "fear": 6}
_STEP = 32  # between two greys: few greys take few bytes


def few_greys(faces: np.ndarray) -> np.ndarray:
    """The faces in eight greys, without the noise of a camera."""
    return (faces // _STEP * _STEP + _STEP // 2).clip(0, 255).astype(np.uint8)


def draw_few(n: int, size: int, seed: int, **more: object) -> DemoFaces:
    """`make_demo_faces` with ten people and few greys, for the kept demo data set."""
    drawn = make_demo_faces(n, 10, size, 0.06, seed, **more)  # type: ignore[arg-type]
    return replace(drawn, faces=few_greys(drawn.faces))


def write_csv(folder: Path, n_per_class: int = 9) -> Path:
    """fer2013.csv whose every third round of classes is for validation and for the test, with fer2013new.csv beside it.

    Rows 1 to 4 are voted contempt, unknown, no face and a tie; 22 is dark and 23 blank; 45 is a copy of 24, and 48,
    under another label, of 25; 50, for validation, is a copy of a training face; the last row is damaged.
    """
    n = 7 * n_per_class
    drawn = draw_few(70, 48, 1)
    faces = [drawn.faces[drawn.drawn_expression == EXPRESSIONS.index(FER2013[i % 7])][i // 7 % 9] for i in range(n)]
    faces[21], faces[22] = faces[21] // 5, np.full_like(faces[22], 7)
    faces[44], faces[47], faces[49] = faces[23], faces[24], faces[42]
    usages = [USAGES[i // 7 % 3] for i in range(n)]
    rows = [f"{i % 7},{' '.join(map(str, face.ravel()))},{usages[i]}" for i, face in enumerate(faces)]
    folder.mkdir(parents=True)
    path = folder / "fer2013.csv"
    path.write_text("\n".join(["emotion,pixels,Usage", *rows, "3,1 2 3,Training"]) + "\n")
    votes = [_vote(i) for i in range(n)]
    votes[:4] = ["0,1,0,0,0,0,0,9,0,0", "0,1,0,0,0,0,0,0,9,0", "0,1,0,0,0,0,0,0,0,9", "5,5,0,0,0,0,0,0,0,0"]
    votes.append("0,0,0,0,0,0,0,0,0,0")
    lines = [f"{usage},x.png,{counts}" for usage, counts in zip([*usages, "Training"], votes, strict=True)]
    path.with_name("fer2013new.csv").write_text("\n".join([f"Usage,Image name,{VOTES}", *lines]) + "\n")
    return path


def _vote(i: int) -> str:
    """Seven of ten for the face's label, three for the next one; of every eighth face the other way round."""
    counts = [0] * 10
    mine, other = VOTE_OF[FER2013[i % 7]], VOTE_OF[FER2013[(i + 1) % 7]]
    counts[mine], counts[other] = (3, 7) if i % 8 == 7 else (7, 3)
    return ",".join(map(str, counts))


def write_folder(folder: Path, seed: int, splits: tuple[str, ...] = ("",)) -> Path:
    """Pictures by split, where there are any, and class; four of a class, in turn for each split."""
    drawn = draw_few(70, 48, seed)
    for expression in EXPRESSIONS:
        own = drawn.faces[drawn.drawn_expression == EXPRESSIONS.index(expression)]
        for i, face in enumerate(own[:4]):
            path = folder / splits[i % len(splits)] / expression / f"{expression}-{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(face).save(path)
    return folder


def write_zip(path: Path, seed: int) -> Path:
    """The same with three splits, packed."""
    folder = write_folder(path.with_suffix(""), seed, ("train", "val", "test"))
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
    return path
