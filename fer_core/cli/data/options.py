"""The options of `fer data assemble`, some shared by other commands: one annotated type per option."""

from typing import Annotated

import typer

Sources = Annotated[
    list[str],
    typer.Option(
        "--source",
        help=(
            "PATH, or READER=PATH with fer2013, ckplus, rafdb, jaffe, expw, affectnet, folder, csv, ...; may be "
            "repeated"
        ),
    ),
]
Split = Annotated[str, typer.Option(help="official, 80:10:10, or leave-out:SOURCE to test on one source")]
Size = Annotated[int, typer.Option(help="side of the faces in px: 48, 64 or 96")]
Seed = Annotated[int, typer.Option(help="seed of drawn splits")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="skip and count bad rows")]
Copies = Annotated[
    str,
    typer.Option(
        help=(
            "keep; drop_surplus: keep one face of each set; drop_contradicting: remove sets with several labels; "
            "drop_leaks: remove training faces with a copy in validation or test. fer data copies counts what each "
            "removes"
        )
    ),
]
Near = Annotated[bool, typer.Option(help="also count mirrored, re-encoded and rescaled pictures as copies")]
Turned = Annotated[
    bool | None,
    typer.Option(
        "--turned/--no-turned",
        help=(
            "also count turned, shifted and cropped pictures as copies, for any number of faces; default: up to "
            "60,000 faces"
        ),
    ),
]
Labels = Annotated[str, typer.Option("--labels", help="source, or votes: the majority of votes (FER+)")]
Drop = Annotated[str, typer.Option(help="exclude faces by majority of votes: unknown,not-a-face,contempt,tie")]
Relabel = Annotated[str, typer.Option(help="which faces votes and corrections may change or exclude: train or all")]
Corrections = Annotated[str, typer.Option(help="own, none, or the data set whose corrections are applied")]
LeaveOut = Annotated[
    str, typer.Option(help=("exclude training faces with these flags: constant,dark,blurred,tiny,not-a-face"))
]
Caps = Annotated[
    list[str] | None,
    typer.Option("--cap", help="SOURCE=FACES: maximum training faces per class of a source; may be repeated"),
]
Balance = Annotated[
    str,
    typer.Option(
        "--balance",
        help=("sources whose classes are all reduced to the size of their rarest, for example ckplus,jaffe"),
    ),
]
Align = Annotated[bool, typer.Option("--align", help="detect and align each face")]
Meanings = Annotated[
    list[str] | None,
    typer.Option(
        "--meaning",
        help=(
            "[SOURCE:]CLASS=EXPRESSION (or leave-out), for example furious=angry or folder:3=happy; numbers=ORDER "
            "reads numbers as in fer2013, ferplus, affectnet, rafdb or ckplus; boxes=xywh|xyxy gives the meaning of "
            "a box's four numbers; may be repeated"
        ),
    ),
]


def split_names(names: str) -> tuple[str, ...]:
    """The names in the value of an option that accepts several, such as "dark,tiny"; none if it is empty."""
    return tuple(filter(None, names.split(",")))
