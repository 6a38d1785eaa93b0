"""Pages of the dashboard, opened and used without a browser."""

import json

from streamlit.testing.v1 import AppTest

from tests.helpers.project import ROOT


def open_page(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    app.query_params.update(query)
    if name != "overview":
        app.switch_page(f"../pages/{name}.py")  # at once, as a link opens it
    app.run()
    assert not app.exception, app.exception
    return app


def read_labeller(app):
    """The data that the labeller of the page was given."""
    (labeller,) = app.get("bidi_component")
    return json.loads(labeller.proto.json)


def decide(data, expression, act_id, at=0):
    """The act that a key makes of the face at that place of the queue."""
    face = data["faces"][at]
    return {
        "id": act_id, "expression": expression,
        "face_id": face["face_id"], "sha256": face["sha256"],
        "dataset": data["dataset"], "who": data["who"], "why": data["why"],
    }  # fmt: skip


def add_source(app, path):
    app.text_input(key="data.path").set_value(str(path))
    app.button(key="data.add").click().run()
