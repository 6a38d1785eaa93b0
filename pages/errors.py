"""Errors: which expressions are confused, the faces behind each cell, and where the network looked."""

import streamlit as st

from dashboard.errors.confusion import pick_cell, show_scores
from dashboard.errors.gallery import pick_error
from dashboard.figures.class_scores import compute_class_scores, plot_class_scores
from dashboard.figures.confidence import compute_confidence, plot_confidence
from dashboard.services.runs import has_predictions, load_predictions, load_report, load_summaries
from dashboard.shared.face_detail import show_face
from dashboard.shared.heads import pick_head
from dashboard.shared.page import empty_state, header, shown_errors
from dashboard.shared.pickers import pick_run
from dashboard.shared.versions import pick_version
from dashboard.theme import CHART_CONFIG
from fer_core.labels import EXPRESSIONS, INDEX
from fer_core.models.heads import HEADS
from fer_core.runs.absent import explain_absent, read_absent
from fer_core.runs.find import get_run

header("Errors", "See which expressions the network confuses: click a cell of the matrix, then a face.")

rows = [row for row in load_summaries() if has_predictions(get_run(row.run_id))]
if not rows:
    empty_state("No run has finished yet, so there are no predictions to show.", "train", "Train a network")
    st.stop()

left, right = st.columns([3, 1], vertical_alignment="bottom")
with left:
    run_id = pick_run(rows, "errors.run")
with shown_errors():
    run = get_run(run_id)
    folder = pick_version(run, "errors")
    scores = load_report(run, folder)
    heads = HEADS if any(report.people for report in scores.values()) else HEADS[:1]
    with right:
        splits = [split for split in ("test", "val") if split in scores]
        split = st.segmented_control(
            "Faces", splits, default=splits[0], key="errors.split", bind="query-params", required=True
        )

    head = pick_head(heads, "labels", "errors.head")
    report = (scores[split].people if head == "people" else None) or scores[split]
    predictions = load_predictions(folder, split, head)
    show_scores(report)
    absent = read_absent(run)
    if absent:
        st.warning(explain_absent(absent), icon=":material/person_off:")

    if report.confusion:
        matrix, faces = st.columns(2, gap="large")
        with matrix:
            cell = pick_cell(report.confusion)
        with faces:
            face_id = pick_error(run.config.dataset, predictions, cell)
        if face_id is not None:
            show_face(run, head, predictions[predictions["face_id"] == face_id].iloc[0])

    if report.classes:
        st.plotly_chart(
            plot_class_scores(compute_class_scores(report.classes)), key="errors.classes", config=CHART_CONFIG
        )
    probs = predictions[[f"prob_{e}" for e in EXPRESSIONS]].to_numpy()
    y_true = predictions["expression"].map(INDEX).to_numpy()
    st.plotly_chart(plot_confidence(compute_confidence(probs, y_true)), key="errors.confidence", config=CHART_CONFIG)
    st.caption("On the diagonal, confidence equals accuracy; below it, the network is overconfident.")
