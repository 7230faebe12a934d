// What people do: statuses of rings and labels of accounts, with a note, and taking it back.

import { post, ringPath } from "./api.js";
import { h, number, toast } from "./dom.js";

const VERBS = { confirmed: "Confirm", dismissed: "Dismiss", reviewing: "Start reviewing", open: "Reopen", fraud: "Label as fraud", legitimate: "Label as legitimate" };

const drafts = new Map(); // notes of decisions that failed, by what was decided about

/** Asks for a note. Resolves to the text, or null if it was cancelled. */
export function askNote(title, detail, verb, text = "") {
  return new Promise((resolve) => {
    const note = h("textarea", { rows: 3, maxlength: 2000, name: "note", value: text, placeholder: "Why? Optional; it stands in the history, for who looks later." });
    const form = h("form", { method: "dialog" }, h("h2", {}, title), h("p", { class: "muted" }, detail),
      h("label", {}, h("span", { class: "unseen" }, "Note"), note),
      h("div", { class: "row" },
        h("button", { type: "button", class: "quiet", onclick: () => box.close("") }, "Cancel"),
        h("button", { type: "submit", class: "primary", value: "yes" }, verb)));
    const box = h("dialog", {}, form);
    box.addEventListener("close", () => { box.remove(); resolve(box.returnValue === "yes" ? note.value.trim() : null); });
    document.body.append(box);
    box.showModal();
  });
}

async function act(title, detail, verb, path, body, done, said) {
  const about = `${path} ${body.ids ?? ""}`;
  const note = await askNote(title, detail, verb, drafts.get(about));
  if (note === null) return;
  let actions;
  try {
    drafts.set(about, note);
    ({ actions } = await post(path, { ...body, note }));
    drafts.delete(about);
  } catch (error) {
    toast(error.message);
    if (error.status === 409) await refreshed(done); // somebody else decided: show what
    return;
  }
  tell(actions.map((action) => ({ ...action, value: action.after })));
  toast(said, "Undo", () => undo(actions, done));
  await refreshed(done);
}

/** Reads the page anew. That this fails does not mean that the decision did. */
async function refreshed(done) {
  try {
    await done();
  } catch (error) {
    toast(`What you see is from before: ${error.message}`);
  }
}

/** Lets drawn graphs know which labels accounts have now. */
function tell(changes) {
  const labels = changes.filter((change) => change.kind === "label").map((change) => [change.subject, change.value]);
  document.dispatchEvent(new CustomEvent("labelled", { detail: new Map(labels) }));
}

export async function undo(actions, done) {
  try {
    for (const action of actions) tell([await post(`/v1/actions/${encodeURIComponent(action.id)}/undo`, {})]);
    toast(actions.length > 1 ? `${actions.length} actions taken back.` : "Taken back.");
  } catch (error) {
    toast(error.message);
    if (!error.status) return; // no answer: there would be none now either
  }
  await refreshed(done); // also where only some were taken back
}

const EFFECTS = {
  confirmed: (accounts) => `At once ${accounts} count as in a ring that scores 97 at least: firm members are blocked by the built-in policy, weak ones stay behind. No later run changes what you decide.`,
  dismissed: (accounts) => `At once the ring no longer speaks against ${accounts}, nor against signups that share with them. Accounts that come later are judged anew. No later run changes what you decide.`,
};

/** Sets the status of rings (as they are shown: id, status, size). */
export function setStatus(rings, status, done) {
  const what = rings.length === 1 ? `ring ${rings[0].id}` : `${rings.length} rings`;
  const path = rings.length === 1 ? `${ringPath(rings[0].id)}/status` : "/v1/rings/status";
  const body = rings.length === 1 ? { status, seen: rings[0].status } : { ids: rings.map((ring) => ring.id), status, seen: Object.fromEntries(rings.map((ring) => [ring.id, ring.status])) };
  const size = rings.reduce((sum, ring) => sum + ring.size, 0);
  const accounts = size === 1 ? "its account" : `${rings.length === 1 ? "its" : "their"} ${number(size)} accounts`;
  const detail = EFFECTS[status]?.(accounts) ?? "No later run changes what you decide.";
  return act(`${VERBS[status]} ${what}?`, detail, VERBS[status], path, body, done, `${what} ${rings.length === 1 ? "is" : "are"} ${status}.`);
}

/** Labels accounts: `seen` maps each id to the label that it is shown with (null: none). */
export function setLabel(seen, label, done) {
  const ids = [...seen.keys()];
  const what = ids.length === 1 ? `account ${ids[0]}` : `${ids.length} accounts`;
  const body = { ids, label, seen: Object.fromEntries(seen) };
  return act(`${VERBS[label]}: ${what}?`, "It counts at once, and the next detection run learns from it.", VERBS[label], "/v1/accounts/labels", body, done, `${what}: ${label}.`);
}
