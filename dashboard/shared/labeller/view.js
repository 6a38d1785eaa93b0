// The elements of the component. The buttons stay the same elements, so that the focus stays where it is.

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

function makeButton(label, key, action, icon) {
  return h(
    "button",
    { type: "button", "aria-label": label, "aria-keyshortcuts": key.toUpperCase() || null, ...action },
    icon && h("span", { class: "icon", "aria-hidden": "true" }, icon),
    h("span", {}, label),
    key && h("kbd", { "aria-hidden": "true" }, key),
  );
}

/** The skeleton: named places that `draw` fills. */
function makeView(data) {
  const names = ["progress", "face", "labels", "others", "hints", "status", "history"];
  const view = Object.fromEntries(names.map((name) => [name, h("div", { class: name })]));
  view.labels.append(
    ...data.expressions.map(({ name }, i) => makeButton(name, String(i + 1), { "data-expression": name })),
  );
  view.others.append(makeButton("Exclude", "0", { "data-expression": DROP, title: "Not a face, or none of the seven expressions" }, "block"));
  if (data.mode === "list") view.others.append(makeButton("Skip", "S", { "data-skip": true }, "skip_next"));
  view.status.setAttribute("role", "status");
  const main = h("div", { class: "main" }, view.progress, view.face, view.labels, view.others, view.hints, view.status);
  view.root = h("div", { class: `labeller ${data.mode}-mode`, role: "group", "aria-label": "Label of the face" }, main, view.history);
  return view;
}

function drawProgress({ counts, nSkipped }) {
  const { n, n_done } = counts;
  if (!n) return [];
  const skipped = nSkipped ? `, ${nSkipped.toLocaleString("en")} skipped` : "";
  const words = `${n_done.toLocaleString("en")} of ${n.toLocaleString("en")} decided${skipped}`;
  const again = h("button", { type: "button", class: "plain", "data-unskip": true }, "Show the skipped faces again");
  return [
    h("div", { class: "row" }, h("p", {}, words), nSkipped ? again : null),
    h("div", { class: "track" }, h("div", { style: `width: ${(100 * n_done) / n}%` })),
  ];
}

function drawBars(data, opinions) {
  const rows = data.expressions.flatMap(({ name, colour }, i) => [
    h("span", {}, name),
    h(
      "span",
      { class: "bar" },
      h("i", { style: `width: ${80 * opinions[i]}%; background: ${colour}` }),
      h("b", {}, percent(opinions[i])),
    ),
  ]);
  return h("div", { class: "opinions" }, h("div", { class: "bars" }, ...rows), h("p", { class: "caption" }, data.opinions_title));
}

function sayLabel(expression) {
  return expression === DROP ? "excluded" : expression;
}

function drawFace(data, face, label, picture) {
  const words = [label === DROP ? "excluded" : "labelled ", label === DROP ? null : h("strong", {}, label)];
  if (face.suggested) words.push(", suggested ", h("strong", {}, face.suggested));
  const facts = h("div", { class: "facts" }, h("p", {}, ...words.filter((word) => word != null)));
  facts.append(...face.facts.map((line) => h("p", {}, line)));
  if (face.opinions) facts.append(drawBars(data, face.opinions));
  facts.append(h("p", { class: "caption" }, h("code", {}, face.name), data.mode === "list" ? ` · ${face.split}` : ""));
  picture.alt = `face labelled ${face.expression}`;
  return [picture, facts];
}

function drawHints(data, face, history) {
  const note = data.notes[face.split];
  const hints =
    data.mode === "list"
      ? []
      : !history.length
        ? ["Press 1 to 7 to change the label, 0 to exclude the face."]
        : note
          ? []
          : ["The correction takes effect when the data set is assembled again, under Labels."];
  return [...hints, ...(note ? [note] : [])].map((line) => h("p", { class: "caption" }, line));
}

function drawStatus([state, sentence], messages) {
  const line = h("p", { class: `caption ${state}`, "data-state": state }, sentence);
  return [line, ...messages.map((message) => h("p", { class: "alert", role: "alert" }, message))];
}

/** One face's corrections, the last first. */
function drawCorrections(history) {
  return history.toReversed().map((correction) =>
    h(
      "div",
      { class: "entry" },
      makeButton("Undo", "", { "data-undo": correction.id }),
      correction.expression === DROP
        ? h("p", {}, `excluded by ${correction.who}, ${correction.when.slice(0, 10)}`)
        : h("p", {}, "labelled ", h("strong", {}, correction.expression), ` by ${correction.who}, ${correction.when.slice(0, 10)}`),
    ),
  );
}

/** How many decisions there are, and the last of them with their undo. */
function drawHistory({ counts, history }, nShown) {
  const decisions = history.filter((correction) => correction.kind === "person");
  const total = h("strong", {}, countOf(counts.n_decisions, "decision"));
  const parts = `: ${counts.n_changed.toLocaleString("en")} changed, ${counts.n_dropped.toLocaleString("en")} excluded`;
  const keys = "Press 1 to 7 for the expressions in order, 0 to exclude a face, S to skip, U to undo.";
  if (!decisions.length) return [h("p", {}, total, parts), h("p", { class: "caption" }, keys)];
  return [
    h("p", {}, total, parts),
    makeButton("Undo last", "U", { "data-undo-last": true }, "undo"),
    ...decisions.slice(-nShown).toReversed().map((correction) =>
      h(
        "div",
        { class: "entry" },
        h("p", {}, `${correction.before} → `, h("strong", {}, sayLabel(correction.expression)), h("br"), h("code", {}, correction.face_id)),
        h("button", { type: "button", class: "plain", "data-undo": correction.id, "aria-label": `Undo the decision on ${correction.face_id}` }, "Undo"),
      ),
    ),
  ];
}
