// What a key means and what the screen shows: pure functions of the server's last answer and of the acts not yet answered.

const DROP = "drop"; // in place of an expression: the face is left out

/** What a key asks for: {expression}, {skip: true} or {undo: true}; null for every key that is not ours. */
function readKey(event, expressions) {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return null;
  if (/^[1-9]$/.test(event.key)) {
    const expression = expressions[Number(event.key) - 1];
    return expression ? { expression } : null;
  }
  if (event.key === "0") return { expression: DROP };
  if (event.shiftKey) return null;
  return { s: { skip: true }, u: { undo: true } }[event.key.toLowerCase()] ?? null;
}

/** True where the key goes to a box that takes text, or to an open dialogue. */
function isTyping(event) {
  return takesKeys(event.composedPath());
}

/** Whether what is typed goes to one of the elements: a text box, or a list to choose from. */
function takesKeys(elements) {
  const clickable = ["button", "checkbox", "radio", "range", "submit", "file", "color", "reset", "image"];
  return elements.some((element) => {
    if (!(element instanceof Element)) return false;
    if (element.tagName === "INPUT") return !clickable.includes(element.type);
    return (
      ["TEXTAREA", "SELECT"].includes(element.tagName) ||
      element.isContentEditable ||
      ["textbox", "combobox", "searchbox", "listbox", "dialog"].includes(element.getAttribute("role"))
    );
  });
}

/** The correction that a decision becomes, as the server will name it. */
function toCorrection(act) {
  const { face_id, before, expression, who } = act;
  return { id: `${act.id}.0`, face_id, before, expression, who, when: act.when, kind: "person" };
}

/**
 * The corrections that stand once the acts have been written, the oldest first, and the counts that go with them.
 * data: the server's answer; acts: those that it does not know of; isListed: whether a face is of the list.
 */
function layOver(data, acts, isListed) {
  const history = [...data.history];
  const counts = { ...data.counts };
  const touched = new Set();
  const count = (correction, sign) => {
    touched.add(correction.face_id);
    counts.n_decisions += sign;
    if (correction.expression === DROP) counts.n_dropped += sign;
    else if (correction.expression !== correction.before) counts.n_changed += sign;
  };
  for (const act of acts) {
    if (act.dataset !== data.dataset) continue;
    if (act.undo) {
      const at = history.findIndex((correction) => correction.id === act.undo);
      if (at >= 0) count(history.splice(at, 1)[0], -1);
    } else if (data.mode === "list" || act.face_id === data.faces[0]?.face_id) {
      history.push(toCorrection(act));
      count(history.at(-1), 1);
    }
  }
  const before = new Set(data.history.map((correction) => correction.face_id));
  const now = new Set(history.map((correction) => correction.face_id));
  for (const id of touched) if (isListed(id)) counts.n_done += Number(now.has(id)) - Number(before.has(id));
  return { history, counts, decided: now };
}

/** The label of a face once the corrections of the history are applied. */
function nameOf(face, history) {
  return history.findLast((correction) => correction.face_id === face.face_id)?.expression ?? face.expression;
}

/** The first of the face_ids that is neither decided on nor skipped, null when there is none. */
function pickNext(face_ids, decided, skipped) {
  return face_ids.find((id) => !decided.has(id) && !skipped.has(id)) ?? null;
}

/** The correction that U takes back: the last made on this page, else the last made under this person's name. */
function pickLast(history, own, who) {
  const mine = own.findLast((id) => history.some((correction) => correction.id === id));
  if (mine) return mine;
  return history.findLast((correction) => correction.kind === "person" && correction.who === who)?.id ?? null;
}

/** An id that no other browser makes: 16 hexadecimal digits. */
function makeId() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** 0.6712 -> "67.1 %", as every page writes it. */
function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

/** "1 decision", "1,234 decisions". */
function countOf(n, noun) {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}
