// The acts that the server has not answered, in their order. They outlive the component, and a reload of the page.

const STORE = "fer-studio.acts";
const PATIENCE_MS = 4000; // after which the page says that the server does not answer
const RESEND_MS = [4000, 8000, 16000, 30000]; // how long to wait for an answer, the first time and then

const outbox = { acts: restoreActs(), waiting: null, revision: 0, tries: 0 };

function restoreActs() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
  } catch {
    return [];
  }
}

function storeActs() {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(outbox.acts));
  } catch {
    // The storage is full or forbidden: the acts are kept for as long as the page stays open.
  }
}

function putAct(act) {
  outbox.acts.push({ ...act, id: makeId(), when: new Date().toISOString() });
  storeActs();
  return outbox.acts.at(-1);
}

/** Hands everything that has no answer to `send`; while an answer is being waited for, only when that took too long. */
function sendActs(send, hasMore) {
  const patience = RESEND_MS[Math.min(outbox.tries, RESEND_MS.length - 1)];
  const isLate = outbox.waiting && Date.now() - outbox.waiting.since > patience;
  if (!outbox.acts.length && !hasMore && !isLate) return false;
  if (outbox.waiting && !isLate) return false;
  outbox.tries = isLate ? outbox.tries + 1 : 0;
  outbox.waiting = { revision: ++outbox.revision, since: Date.now() };
  send({ revision: outbox.revision, acts: outbox.acts.map(({ before, when, ...act }) => act) });
  return true;
}

/**
 * Forgets the acts that the server has written or refused; a problem keeps them.
 *
 * After an outage the server may answer an earlier message than the last one: whatever it answers, it is there again,
 * and what is pressed next need not wait.
 */
function takeAnswer({ revision, taken, refused }) {
  const answered = new Set([...taken, ...Object.keys(refused)]);
  const left = outbox.acts.filter((act) => !answered.has(act.id));
  if (left.length < outbox.acts.length || revision === outbox.waiting?.revision) {
    outbox.waiting = null;
    outbox.tries = 0;
  }
  outbox.acts = left;
  storeActs();
}

/** [state, sentence]: saved, saving or unsaved, in words. */
function describeOutbox() {
  const n = outbox.acts.length;
  if (!n) return ["saved", "All decisions are saved."];
  const isLate = Date.now() - Date.parse(outbox.acts[0].when) > PATIENCE_MS;
  if (!isLate) return ["saving", `Saving ${n.toLocaleString("en")} …`];
  return ["unsaved", `Not saved yet: ${n.toLocaleString("en")}. The server does not answer; they are sent until it does.`];
}

window.addEventListener("beforeunload", (event) => {
  if (outbox.acts.length) event.preventDefault();
});

/** A note on every page, where decisions are left over and no labeller is there to send them. */
function showLeftOver(isShown) {
  document.getElementById("fer-studio-left-over")?.remove();
  if (!isShown) return;
  const note = document.createElement("div");
  note.id = "fer-studio-left-over";
  note.setAttribute("role", "alert");
  note.textContent = `Not confirmed as saved: ${outbox.acts.length.toLocaleString("en")}. Open the Review page to send them.`;
  note.style.cssText =
    "position: fixed; right: 1rem; bottom: 1rem; z-index: 1000; padding: 0.6rem 1rem; border-radius: 0.6rem; " +
    "background: #7a4a00; color: #fff; font: 0.9rem sans-serif";
  document.body.append(note);
}
