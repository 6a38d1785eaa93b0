"""`fer predict`: photographs classified, and on request explained."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fer_core.cli.output import AsJson, percent, print_json


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
    """Find the faces in PHOTOS and classify each."""
    from fer_core.checkpoints import read_network
    from fer_core.photos import read_photo
    from fer_core.predict import predict_photo
    from fer_core.runs import get_run

    chosen = get_run(run)
    pictures = [read_photo(path.expanduser(), path.name) for path in photos]
    network = read_network(chosen.best_weights)
    documents: list[dict[str, Any]] = []
    for path, picture in zip(photos, pictures, strict=True):
        faces = predict_photo(network, picture)
        documents.append(
            {
                "photo": str(path),
                "n_faces": sum(f.box is not None for f in faces),
                "faces": [f.to_dict() for f in faces],
            }
        )
        if explain and path is photos[0]:
            from fer_core.explain import explain_face
            from fer_core.heatmaps import overlay_heatmap

            heatmap = explain_face(network, faces[0].face, faces[0].expression)
            overlay_heatmap(faces[0].face, heatmap).save(explain)
    if json:
        print_json({"run_id": chosen.run_id, "photos": documents})
        return
    for document in documents:
        print(
            f"{document['photo']}: {document['n_faces']} faces"
            + ("" if document["n_faces"] else "; the whole photo was taken")
        )
        for number, face in enumerate(document["faces"], start=1):
            ranked = sorted(face["probabilities"].items(), key=lambda item: -item[1])[:3]
            print(f"  {number}: " + ", ".join(f"{name} {percent(p)}" for name, p in ranked))
