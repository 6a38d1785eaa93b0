"""Sources in archives."""

import zipfile

from fer_core.labels import EXPRESSIONS
from tests.helpers.samples import write_image

CLASSES = [f"{name}/im{k}.png" for name in EXPRESSIONS for k in range(2)]


def make_zip(path, names, extra=()):
    """A picture under each name, exactly as it is spelled, and other members."""
    with zipfile.ZipFile(path, "w") as archive:
        for i, name in enumerate(names):
            write_image(path.with_name("picture.png"), i)
            member = zipfile.ZipInfo("x")
            member.filename = name
            archive.writestr(member, path.with_name("picture.png").read_bytes())
        for name, content in extra:
            archive.writestr(name, content)
    return path
