// The labeller: a key or a click counts for the face on the screen, at once; the server hears of it in its own time.

const N_LAST = 8;
const INACTIVE = "Shortcuts are inactive while a text box has focus; click outside it first.";
const instances = new WeakMap(); // parent element -> Labeller: Streamlit calls the component again with every answer
const pictures = new Map(); // first digits of a face's sha256 -> its picture, decoded
let active = null; // the one that keys go to

class Labeller {
  constructor(parent, data) {
    this.view = makeView(data);
    parent.append(this.view.root);
    Object.assign(this, { data: null, current: null, pressed: null, hasNews: false, messages: [], own: [], front: [] });
    this.skipped = new Set();
    this.faces = new Map();
    this.view.root.addEventListener("pointerdown", () => (this.pressed = this.current));
    this.view.root.addEventListener("click", (event) => this.onClick(event));
    this.onKey = this.onKey.bind(this);
    document.addEventListener("keydown", this.onKey);
    this.timer = setInterval(() => this.tick(), 500);
    outbox.waiting = null; // the answer that another labeller was waiting for will not come
    active = this;
    showLeftOver(false);
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
    clearInterval(this.timer);
    this.view.root.remove();
    if (active !== this) return;
    active = null;
    outbox.waiting = null;
    showLeftOver(outbox.acts.length > 0);
  }

  /** The server's answer: what it has written, and what to show now. */
  take(data, send) {
    this.send = send;
    if (data === this.data) return;
    takeAnswer(data);
    if (data.list !== this.data?.list) this.begin(data);
    this.data = data;
    for (const [name, url] of Object.entries(data.pictures)) holdPicture(name, url);
    for (const face of [...data.past, ...data.faces]) this.faces.set(face.face_id, face);
    for (const sentence of Object.values(data.refused)) this.messages = [...this.messages, sentence].slice(-3);
    if (data.mode === "face") this.current = data.faces[0] ?? null;
    else this.current = this.current ? this.faces.get(this.current.face_id) : null;
    this.draw();
    this.flush();
  }

  begin(data) {
    if (this.data && takesKeys([document.activeElement])) document.activeElement.blur(); // the box that chose the list
    if (data.dataset !== this.data?.dataset) this.skipped.clear();
    Object.assign(this, { current: null, front: [], messages: [] });
    this.faces.clear();
  }

  layOver() {
    return layOver(this.data, outbox.acts, (id) => Boolean(this.faces.get(id)?.is_listed));
  }

  decide(expression, face) {
    if (!face) return;
    const { dataset, who, why, mode } = this.data;
    const before = nameOf(face, this.layOver().history);
    const act = putAct({ dataset, who, why, face_id: face.face_id, sha256: face.sha256, expression, before });
    this.own.push(toCorrection(act).id);
    if (mode === "list" && face.face_id === this.current?.face_id) this.current = null;
    this.draw();
    this.flush();
  }

  undo(correction_id) {
    const correction = this.layOver().history.find(({ id }) => id === correction_id);
    if (!correction) return;
    const { dataset, who, mode } = this.data;
    putAct({ dataset, who, undo: correction_id });
    const face = this.faces.get(correction.face_id);
    if (mode === "list" && face && face.face_id !== this.current?.face_id) {
      if (this.current) this.front.unshift(this.current.face_id);
      this.skipped.delete(face.face_id);
      this.current = face;
    }
    this.draw();
    this.flush();
  }

  skip(face) {
    if (!face || this.data.mode !== "list") return;
    this.skipped.add(face.face_id);
    if (face.face_id === this.current?.face_id) this.current = null;
    this.hasNews = true;
    this.draw();
    this.flush();
  }

  unskip() {
    this.skipped.clear();
    this.hasNews = true;
    this.draw();
    this.flush();
  }

  onKey(event) {
    if (active !== this || !this.data) return;
    const inside = event.composedPath().includes(this.view.root);
    if (event.repeat && event.key === "Enter" && inside) event.preventDefault(); // it would press a button again and again
    if (event.defaultPrevented || isTyping(event)) return;
    const wish = readKey(event, this.data.expressions.map(({ name }) => name));
    if (!wish || (this.data.mode === "face" && !this.current)) return;
    event.preventDefault();
    this.act(wish, this.current);
  }

  onClick(event) {
    const button = event.target.closest("button");
    const face = event.detail ? this.pressed : this.current; // a click of the mouse is about the face under its press
    if (button) this.act(readButton(button.dataset), face);
  }

  act(wish, face) {
    if (wish.expression) this.decide(wish.expression, face);
    else if (wish.skip) this.skip(face);
    else if (wish.unskip) this.unskip();
    else this.undo(wish.correction_id ?? pickLast(this.layOver().history, this.own, this.data.who));
  }

  draw() {
    const { data, view } = this;
    const laid = this.layOver();
    const order = [...this.front, ...data.faces.map((face) => face.face_id)];
    if (data.mode === "list") {
      this.current ??= this.faces.get(pickNext(order, laid.decided, this.skipped)) ?? null;
      this.front = this.front.filter((id) => !laid.decided.has(id) && id !== this.current?.face_id);
    }
    const face = this.current;
    const skipped = [...this.skipped].filter((id) => this.faces.get(id)?.is_listed && !laid.decided.has(id));
    const { n, n_done } = laid.counts;
    view.root.dataset.faceId = face?.face_id ?? "";
    view.progress.replaceChildren(...drawProgress({ counts: laid.counts, nSkipped: skipped.length }));
    for (const part of [view.labels, view.others]) part.hidden = !face;
    if (face) {
      const label = nameOf(face, laid.history);
      view.face.replaceChildren(...drawFace(data, face, label, pictures.get(face.picture) ?? new Image()));
      view.hints.replaceChildren(...drawHints(data, face, laid.history));
      for (const button of view.labels.children) button.setAttribute("aria-pressed", button.dataset.expression === label);
    } else {
      const done = n && n_done + skipped.length >= n ? "All faces of this list have been seen." : "";
      const sentence = !n ? data.empty : done || "Loading more faces …";
      view.face.replaceChildren(h("p", { class: "empty" }, sentence));
      view.hints.replaceChildren();
    }
    view.history.replaceChildren(
      ...(data.mode === "list" ? drawHistory(laid, N_LAST) : face ? drawCorrections(laid.history) : []),
    );
    this.drawStatus();
  }

  drawStatus() {
    const status = describeOutbox();
    const inactive = takesKeys([document.activeElement]) ? [INACTIVE] : [];
    const messages = [...inactive, ...(this.data.problem ? [this.data.problem] : []), ...this.messages];
    const words = [status[1], ...messages].join("\n");
    if (words === this.words) return;
    this.words = words;
    this.view.status.replaceChildren(...drawStatus(status, messages));
  }

  flush() {
    const lacking = this.current && !pictures.has(this.current.picture);
    const send = ({ revision, acts }) => {
      this.hasNews = false;
      this.send({ revision, acts, skipped: [...this.skipped], held: this.listHeld() });
    };
    if (this.send) sendActs(send, this.hasNews || lacking);
  }

  listHeld() {
    return [...new Set([...this.faces.values()].map((face) => face.picture))].filter((name) => pictures.has(name));
  }

  tick() {
    if (!this.data) return;
    this.drawStatus();
    this.flush();
  }
}

function readButton({ expression, skip, unskip, undo }) {
  if (expression) return { expression };
  if (skip != null) return { skip: true };
  return unskip != null ? { unskip: true } : { undo: true, correction_id: undo };
}

function holdPicture(name, url) {
  const picture = new Image();
  picture.decoding = "sync"; // the picture and the name of a face change in one frame
  picture.src = url;
  picture.decode().catch(() => {});
  pictures.delete(name);
  pictures.set(name, picture);
  if (pictures.size > 600) pictures.delete(pictures.keys().next().value);
}

export default function ({ parentElement, data, setStateValue }) {
  let labeller = instances.get(parentElement);
  if (!labeller) {
    labeller = new Labeller(parentElement, data);
    instances.set(parentElement, labeller);
  }
  labeller.take(data, (sent) => setStateValue("sent", sent));
  // Streamlit also calls this for an answer that a newer one has overtaken, while the component stays on the page.
  return () =>
    setTimeout(() => {
      if (parentElement.isConnected || instances.get(parentElement) !== labeller) return;
      labeller.close();
      instances.delete(parentElement);
    });
}
