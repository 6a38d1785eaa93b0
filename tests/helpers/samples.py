"""Small samples in the layouts that people have on disk, made of noise or of patterns that can be learned."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from fer_core.datasets.dataset import Dataset
from fer_core.datasets.info import DatasetInfo
from tests.helpers.assembled import copy_assembled

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


def write_rafdb(root: Path, base: str = "basic/") -> Path:
    """The original form: 14 aligned images and their list."""
    names = [f"{usage}_{number:05d}" for usage in ("train", "test") for number in range(1, 8)]
    for seed, name in enumerate(names):
        write_image(root / f"{base}Image/aligned/{name}_aligned.jpg", seed, 100)
    folder = root / f"{base}EmoLabel"
    folder.mkdir(parents=True)
    lines = [f"{name}.jpg {int(name[-5:])}\n" for name in names]
    (folder / "list_patition_label.txt").write_text("".join(lines))
    return root


def write_rafdb_folders(root: Path, base: str = "") -> Path:
    """The folder form with its two CSV files: an image of each number in each split."""
    for usage in ("train", "test"):
        lines = ["image,label"]
        for label in range(1, 8):
            write_image(root / f"{base}{usage}/{label}/{usage}_{label:05d}_aligned.jpg", label, 100)
            lines.append(f"{usage}_{label:05d}_aligned.jpg,{label}")
        (root / f"{usage}_labels.csv").write_text("\n".join(lines) + "\n")
    return root


def write_jaffe(root: Path) -> Path:
    """Two subjects with each of the seven codes."""
    for i, code in enumerate(("AN", "DI", "FE", "HA", "SA", "SU", "NE")):
        for subject in ("KA", "YM"):
            write_image(root / f"{subject}.{code}1.{39 + i}.tiff", i, 64)
    return root


def write_expw(root: Path) -> Path:
    """One photograph, black, with a white face (happy) and a grey one (angry) that reaches over the border."""
    photo = np.zeros((100, 200), np.uint8)
    photo[20:60, 30:70] = 255
    photo[50:, 150:] = 128
    (root / "image" / "origin").mkdir(parents=True)
    Image.fromarray(photo).save(root / "image" / "origin" / "a party_1.png")
    (root / "label").mkdir()
    lines = ["a party_1.png 0 20 30 70 60 64.6 3", "a party_1.png 1 50 150 220 120 12.3 0"]
    (root / "label" / "label.lst").write_text("\n".join(lines) + "\n")
    return root


def write_ferplus(root: Path, extra: str = "") -> Path:
    """In each folder a face of each of FER+'s ten answers, and a tie."""
    for folder in ("FER2013Train", "FER2013Valid", "FER2013Test"):
        lines = []
        for i in range(11):
            write_image(root / folder / f"fer{i:07d}.png", i)
            votes = [1] * 10
            votes[i % 10] = 5
            votes[(i + 1) % 10] = 5 if i == 10 else 0
            lines.append(f'fer{i:07d}.png,"(0, 0, 48, 48)",' + ",".join(map(str, votes)))
        (root / folder / "label.csv").write_text("\n".join(lines) + "\n" + extra)
    return root


def write_yolo(root: Path, by_split: bool = True, names: str = "names: ['angry', 'happy']\n") -> Path:
    """A photograph with a white face (happy) and a grey one (angry), and one without a box."""
    photo = np.zeros((100, 200), np.uint8)
    photo[20:60, 40:80] = 255
    photo[50:90, 150:190] = 128
    for split in ("train", "valid"):
        images, labels = (
            (root / split / "images", root / split / "labels")
            if by_split
            else (root / "images" / split, root / "labels" / split)
        )
        images.mkdir(parents=True)
        labels.mkdir(parents=True)
        Image.fromarray(photo).save(images / "party.png")
        Image.fromarray(photo).save(images / "nobody.png")
        (labels / "party.txt").write_text("1 0.3 0.4 0.2 0.4\n0 0.85 0.7 0.2 0.4\n")
    if names:
        (root / "data.yaml").write_text(f"nc: 2\n{names}train: ../train/images\n")
    return root


def write_ckplus_original(root: Path) -> Path:
    """A labelled sequence of five frames, one of two, and one without a label."""
    for subject, sequence, n in (("S005", "001", 5), ("S010", "002", 2), ("S011", "001", 4)):
        for frame in range(1, n + 1):
            name = f"{subject}_{sequence}_{frame:08d}.png"
            write_image(root / "cohn-kanade-images" / subject / sequence / name, frame)
    for subject, sequence, frame, code in (("S005", "001", 5, 3), ("S010", "002", 2, 2)):
        folder = root / "Emotion" / subject / sequence
        folder.mkdir(parents=True)
        (folder / f"{subject}_{sequence}_{frame:08d}_emotion.txt").write_text(f"   {code}.0000000e+00\n")
    return root


def write_kdef(root: Path, by_person: bool = True) -> Path:
    """Five photographs of two subjects."""
    for i, name in enumerate(("AF01ANS", "AF01HAHL", "BF01AFFR", "AM02SUS", "BM02NES")):
        write_image(root / (name[:4] if by_person else "") / f"{name}.jpg", i)
    return root


def make_dataset(tmp_path: Path, name: str = "tiny", n_per_class: int = 6, seed: int = 0) -> Dataset:
    """An assembled data set of patterns, a third of it for each split."""
    key = f"{name}-{n_per_class}-{seed}"
    return copy_assembled(
        key, name, tmp_path / f"{name}-source", lambda folder: write_fer2013(folder, n_per_class, seed)
    )


def write_flagged(folder: Path) -> Path:
    """fer2013.csv with votes beside it: in training a blank, a dark, a dark blurred face and one that is none.

    A validation and a test face are dark too.
    """
    path = write_fer2013(folder)
    header, *lines = path.read_text().splitlines()
    faces = [np.array(line.split(",")[1].split(), np.uint8).reshape(48, 48) for line in lines]
    faces[0][:] = 7
    for row in (1, 2, 7, 14):
        faces[row] //= 4
    faces[2] = blur(faces[2])
    fields = [line.split(",") for line in lines]
    rows = [f"{a},{' '.join(map(str, face.ravel()))},{b}" for (a, _, b), face in zip(fields, faces, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    votes = [f"{usage},x.png,9,1,0,0,0,0,0,0,0,0" for *_, usage in fields]
    votes[3] = f"{fields[3][2]},x.png,0,1,0,0,0,0,0,0,0,9"
    path.with_name("fer2013new.csv").write_text("\n".join([f"Usage,Image name,{names}", *votes]) + "\n")
    return path


def write_all_reasons(folder: Path) -> Path:
    """fer2013.csv of 63 faces and a bad row, with votes beside it: in training, a face for each reason to leave it out.

    Rows 1 to 4 are voted contempt, unknown, no face and a tie, and the others have no votes; 22 is dark and 23 blank;
    45 is a copy of 24, and 48, under another label, of 25.
    """
    path = write_fer2013(folder, 9, bad=["3,1 2 3,Training"])
    header, *lines = path.read_text().splitlines()
    fields = [line.split(",") for line in lines]
    fields[21][1] = " ".join(str(int(grey) // 4) for grey in fields[21][1].split())
    fields[22][1] = " ".join(["7"] * 48 * 48)
    fields[44][1], fields[47][1] = fields[23][1], fields[24][1]
    path.write_text("\n".join([header, *map(",".join, fields)]) + "\n")
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    votes = ["0,1,0,0,0,0,0,9,0,0", "0,1,0,0,0,0,0,0,9,0", "0,1,0,0,0,0,0,0,0,9", "5,5,0,0,0,0,0,0,0,0"]
    votes += ["0,0,0,0,0,0,0,0,0,0"] * (len(lines) - len(votes))
    rows = [f"{usage},x.png,{counts}" for (*_, usage), counts in zip(fields, votes, strict=True)]
    path.with_name("fer2013new.csv").write_text("\n".join([f"Usage,Image name,{names}", *rows]) + "\n")
    return path


def blur(face: np.ndarray) -> np.ndarray:
    """The face with no more detail than one of 20 px has."""
    picture = Image.fromarray(face)
    return np.asarray(picture.resize((20, 20), Image.Resampling.BICUBIC).resize(picture.size, Image.Resampling.BICUBIC))


def make_voted_dataset(tmp_path: Path) -> Dataset:
    """`make_dataset` under the name voted, whose every face one person called neutral and nine happy."""
    return copy_assembled("voted-votes", "voted", tmp_path / "voted-source", _write_voted)


def _write_voted(folder: Path) -> Path:
    source = write_fer2013(folder)
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    votes = "".join(f"{USAGES[i // 7 % 3]},x.png,1,9,0,0,0,0,0,0,0,0\n" for i in range(42))
    source.with_name("fer2013new.csv").write_text(f"Usage,Image name,{names}\n{votes}")
    return source


def make_info(**fields):
    """A data set's info that has these fields and nothing else worth knowing."""
    least = {
        "name": "x",
        "n": 0,
        "size_px": 48,
        "splits": {"train": 0, "val": 0, "test": 0},
        "fingerprint": "f",
        "recipe": {},
    }
    return DatasetInfo.model_validate({**least, **fields})


def change(document, **fields):
    """The document as it would be read with these fields; None takes one away."""
    changed = {**document.to_document(), **fields}
    return type(document).model_validate({key: value for key, value in changed.items() if value is not None})
