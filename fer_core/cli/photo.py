"""`fer predict`: photographs classified, and on request explained."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fer_core.cli.output import AsJson, print_json
from fer_core.errors import InputError
from fer_core.wording import percent


def predict(
    photos: Annotated[list[Path], typer.Argument(help="photographs")],
    run: Annotated[
        str, typer.Option(help="run id or name; bundled: the network that comes with the project")
    ] = "bundled",
    explain: Annotated[
        Path | None, typer.Option(help="write the largest face of the first photo with its Grad-CAM here")
    ] = None,
    json: AsJson = False,
) -> None:
    """Find the faces in PHOTOS and classify each; a file that is no photograph is named, the others are classified."""
    from fer_core.photos import read_photo
    from fer_core.runs import get_run

    chosen = get_run(run)
    pictures: dict[Path, Any] = {}
    for path in photos:
        try:
            pictures[path] = read_photo(path.expanduser(), path.name)
        except InputError as error:
            print(f"fer: {error}", file=sys.stderr)
    documents = _classify(chosen, pictures, explain) if pictures else []
    if json:
        print_json({"run_id": chosen.run_id, "photos": documents})
    else:
        _print(documents)
    if len(pictures) < len(set(photos)):
        raise typer.Exit(2)


def _classify(run: Any, pictures: dict[Path, Any], explain: Path | None) -> list[dict[str, Any]]:
    """A document for each photo; the first one's largest face, explained, is written to `explain`."""
    from fer_core.checkpoints import read_network
    from fer_core.explain import explain_face
    from fer_core.heatmaps import overlay_heatmap
    from fer_core.predict import predict_photo

    network = read_network(run.best_weights)
    documents: list[dict[str, Any]] = []
    for path, picture in pictures.items():
        faces = predict_photo(network, picture)
        if explain and not documents:
            heatmap = explain_face(network, faces[0].face, faces[0].expression)
            overlay_heatmap(faces[0].face, heatmap).save(explain)
        n_faces = sum(face.box is not None for face in faces)
        documents.append({"photo": str(path), "n_faces": n_faces, "faces": [face.to_dict() for face in faces]})
    return documents


def _print(documents: list[dict[str, Any]]) -> None:
    for document in documents:
        n = document["n_faces"]
        print(f"{document['photo']}: {n} face{'' if n == 1 else 's'}{'' if n else '; the whole photo was taken'}")
        for number, face in enumerate(document["faces"], start=1):
            ranked = sorted(face["probabilities"].items(), key=lambda item: -item[1])[:3]
            print(f"  {number}: " + ", ".join(f"{name} {percent(p)}" for name, p in ranked))
