// The acts that the server has not answered, in their order. They outlive the component, and a reload of the page.

const STORE = "fer-studio.acts";
const PATIENCE_MS = 4000; // after which the page says that the server does not answer
const RESEND_MS = [4000, 8000, 16000, 30000]; // how long to wait for an answer, the first time and then
const UNHEARD_MS = 30_000; // after which a page that a living server does not answer is loaded again
const RELOADED = "fer-studio.reloaded"; // when that was done last
const RELOAD_EVERY_MS = 120_000;

// One for the tab: should the module be loaded twice, an old list of acts would be sent, and warned of, for ever.
const outbox = (window.ferStudioOutbox ??= makeOutbox());

function makeOutbox() {
  setInterval(reloadIfUnheard, 2000);
  window.addEventListener("beforeunload", warnOfActs);
  return { acts: restoreActs(), waiting: null, revision: 0, tries: 0, heard: Date.now(), path: "" };
}

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
  if (!outbox.acts.length && !outbox.waiting) outbox.heard = Date.now();
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
  if (!outbox.waiting && !outbox.acts.length) outbox.heard = Date.now();
  outbox.path = location.pathname;
  outbox.waiting = { revision: ++outbox.revision, since: Date.now() };
  send({ revision: outbox.revision, acts: outbox.acts.map(({ before, when, ...act }) => act) });
  return true;
}

/**
 * Loads the page again where the server is there and yet answers nothing: it has forgotten the part of the page that
 * asks, or the page has lost it. The acts are in the tab's storage, and are sent by the new page.
 */
async function reloadIfUnheard() {
  const isUnheard = () =>
    (outbox.acts.length || outbox.waiting) &&
    outbox.path === location.pathname &&
    Date.now() - outbox.heard > UNHEARD_MS &&
    Date.now() - Number(sessionStorage.getItem(RELOADED)) > RELOAD_EVERY_MS &&
    (!outbox.acts.length || sessionStorage.getItem(STORE) === JSON.stringify(outbox.acts));
  if (!isUnheard()) return;
  const health = await fetch(new URL("_stcore/health", document.baseURI)).catch(() => null);
  if (!health?.ok) outbox.heard = Date.now(); // it is away: the time counts from when it is there again
  if (!isUnheard()) return;
  sessionStorage.setItem(RELOADED, Date.now());
  window.removeEventListener("beforeunload", warnOfActs);
  location.reload();
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
    Object.assign(outbox, { waiting: null, tries: 0, heard: Date.now() });
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
  return ["unsaved", `Not saved yet: ${n.toLocaleString("en")}. The server does not answer; sending is retried until it does.`];
}

function warnOfActs(event) {
  if (outbox.acts.length) event.preventDefault();
}

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
