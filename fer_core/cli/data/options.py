"""The options of `fer data assemble`, some of which other commands share: a type each, with its help."""

from typing import Annotated

import typer

Sources = Annotated[
    list[str],
    typer.Option(
        "--source",
        help="fer2013=PATH, ckplus=, rafdb=, jaffe=, expw=, affectnet=, folder=, csv=PATH or a bare PATH; again for "
        "each",
    ),
]
Split = Annotated[str, typer.Option(help="official, 80:10:10, or leave-out:SOURCE to test on that one")]
Size = Annotated[int, typer.Option(help="side of the faces: 48, 64 or 96 px")]
Seed = Annotated[int, typer.Option(help="of drawn splits")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="go on past bad rows and count them")]
Copies = Annotated[
    str,
    typer.Option(
        help="keep; drop_surplus: one of each set stays; drop_contradicting: sets under several labels go; drop_leaks: "
        "training faces with a copy in validation or test go. fer data copies counts what each takes"
    ),
]
Near = Annotated[bool, typer.Option(help="mirrored, re-encoded and rescaled pictures are copies too")]
Turned = Annotated[
    bool | None,
    typer.Option(
        "--turned/--no-turned",
        help="turned, shifted and cropped pictures are copies too, in any number of faces; otherwise up to 60,000",
    ),
]
Labels = Annotated[str, typer.Option("--labels", help="source, or votes: what most taggers say (FER+)")]
Drop = Annotated[str, typer.Option(help="leave out faces voted: unknown,not-a-face,contempt,tie")]
Relabel = Annotated[str, typer.Option(help="which faces may change or be left out: train or all")]
Corrections = Annotated[str, typer.Option(help="own, none, or the data set whose list is laid over")]
LeaveOut = Annotated[str, typer.Option(help="leave out faces flagged: constant,dark,blurred,tiny,not-a-face")]
Caps = Annotated[
    list[str] | None,
    typer.Option("--cap", help="SOURCE=FACES: at most so many training faces a class; again for each"),
]
Balance = Annotated[
    str,
    typer.Option("--balance", help="sources whose every class is reduced to its rarest, such as ckplus,jaffe"),
]
Align = Annotated[bool, typer.Option("--align", help="find each face and bring it to one frame")]
Meanings = Annotated[
    list[str] | None,
    typer.Option(
        "--meaning",
        help="[SOURCE:]CLASS=EXPRESSION (or leave-out), such as furious=angry or folder:3=happy; numbers=ORDER reads "
        "numbers as fer2013, ferplus, affectnet, rafdb or ckplus does; boxes=xywh|xyxy says what the four numbers of a "
        "box are; again for each",
    ),
]


def split_names(names: str) -> tuple[str, ...]:
    """The names of an option that takes several, such as "dark,tiny"; none where it is empty."""
    return tuple(filter(None, names.split(",")))
