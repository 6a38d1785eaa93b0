"""Entry point of the dashboard: the list of pages and nothing else. `python -m streamlit run dashboard/app.py`."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from dashboard.services.garbage import freeze_imports  # noqa: E402  (needs the path above)
from dashboard.services.start import start_once  # noqa: E402

PAGES = {
    "overview": ("Overview", ":material/home:"),
    "data": ("Data", ":material/dataset:"),
    "train": ("Train", ":material/model_training:"),
    "runs": ("Runs", ":material/show_chart:"),
    "search": ("Search", ":material/manage_search:"),
    "errors": ("Errors", ":material/troubleshoot:"),
    "review": ("Review", ":material/rate_review:"),
    "photo": ("Photo", ":material/photo_camera:"),
}

st.set_page_config("FER Studio", page_icon=":material/mood:", layout="wide")
start_once()
freeze_imports()
pages = [
    st.Page(
        ROOT / "pages" / f"{name}.py",
        title=title,
        icon=icon,
        url_path="home" if name == "overview" else name,
        default=name == "overview",
    )
    for name, (title, icon) in PAGES.items()
]
# The default page answers at / alone; this one makes /overview a link like the others.
pages.append(st.Page(ROOT / "pages" / "overview.py", url_path="overview", visibility="hidden"))
st.navigation(pages).run()
