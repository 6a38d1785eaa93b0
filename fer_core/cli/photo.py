"""`fer predict`: classify the faces of photographs, and explain one on request."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fer_core.base.text import percent
from fer_core.cli.output import AsJson, print_json
from fer_core.errors import InputError
from fer_core.models.heads import ANSWERS, Head

PhotoDocument = dict[str, Any]  # what --json prints of one photograph


def predict(
    photos: Annotated[list[Path], typer.Argument(help="photographs")],
    run: Annotated[str, typer.Option(help="run id or title; bundled: the bundled network")] = "bundled",
    head: Annotated[
        Head | None,
        typer.Option(
            help=(
                "people: what most people would say; labels: as the training data would label the face; default: "
                "people if the network has that head"
            )
        ),
    ] = None,
    explain: Annotated[
        Path | None,
        typer.Option(help=("write the largest face of the first photograph with its Grad-CAM to this file")),
    ] = None,
    json: AsJson = False,
) -> None:
    """Detect and classify the faces in PHOTOS; a file that cannot be read is reported, the others are classified."""
    from fer_core.pictures.image_files import check_picture_target
    from fer_core.runs.find import get_run

    chosen = get_run(run)
    target = check_picture_target(explain, "--explain", keep=photos) if explain else None
    pictures = _read_photos(photos)
    documents: list[PhotoDocument] = []
    heatmap = None
    if pictures:
        documents, head, heatmap = _classify(chosen, head, pictures, explains=target is not None)
    if json:
        print_json({"run_id": chosen.run_id, "head": head, "photos": documents})
    else:
        _print(documents, head)
    if heatmap and target:
        _write(heatmap, target)
    if len(pictures) < len(set(photos)):
        raise typer.Exit(2)


def _read_photos(paths: list[Path]) -> dict[Path, Any]:
    """Path -> picture; a file that cannot be read as a photograph is reported on stderr and skipped."""
    from fer_core.pictures.photo import read_photo

    pictures: dict[Path, Any] = {}
    for path in paths:
        try:
            pictures[path] = read_photo(path.expanduser(), path.name or str(path))
        except InputError as error:
            print(f"fer: {error}", file=sys.stderr)
    return pictures


def _classify(
    run: Any, head: Head | None, pictures: dict[Path, Any], explains: bool
) -> tuple[list[PhotoDocument], Head, Any]:
    """A document for each photo, the head, and on request the explanation of the largest face of the first photo."""
    from fer_core.inference.photo import predict_photo
    from fer_core.models.checkpoints import read_folded
    from fer_core.models.network import ask
    from fer_core.runs.run_weights import require_weights

    network, heatmap = ask(read_folded(require_weights(run)), head), None
    documents: list[PhotoDocument] = []
    for path, picture in pictures.items():
        faces = predict_photo(network, picture)
        n_faces = sum(face.box is not None for face in faces)
        documents.append({"photo": str(path), "n_faces": n_faces, "faces": [face.to_dict() for face in faces]})
        if explains and len(documents) == 1:
            heatmap = _explain(network, faces[0])
    return documents, network.head, heatmap


def _explain(network: Any, face: Any) -> Any:
    """The face with its Grad-CAM overlaid; says so if the Grad-CAM is zero everywhere."""
    from fer_core.inference.explain import explain_face
    from fer_core.inference.heatmap import explain_blank, is_blank, overlay_heatmap

    heatmap = explain_face(network, face.face, face.expression)
    if is_blank(heatmap):
        print(f"fer: {explain_blank(face.expression)}", file=sys.stderr)
    return overlay_heatmap(face.face, heatmap)


def _write(picture: Any, target: Path) -> None:
    """Writes the picture after the answers have been printed, so that a failure here loses none of them."""
    try:
        picture.save(target)
    except (OSError, ValueError) as error:
        print(f"fer: the heatmap could not be written to {target} ({error}). Choose another place.", file=sys.stderr)
        raise typer.Exit(1) from error


def _print(documents: list[PhotoDocument], head: Head | None) -> None:
    if head:
        print(f"The answers are {ANSWERS[head]} (--head {head}).")
    for document in documents:
        n = document["n_faces"]
        print(f"{document['photo']}: {n} face{'' if n == 1 else 's'}{'' if n else '; the whole photo was taken'}")
        for number, face in enumerate(document["faces"], start=1):
            ranked = sorted(face["probabilities"].items(), key=lambda item: -item[1])[:3]
            print(f"  {number}: " + ", ".join(f"{name} {percent(p)}" for name, p in ranked))
