// What people do: statuses of rings and labels of accounts, with a note, and taking it back.

import { post, ringPath } from "./api.js";
import { h, toast } from "./dom.js";

const VERBS = { confirmed: "Confirm", dismissed: "Dismiss", reviewing: "Start reviewing", open: "Reopen", fraud: "Label as fraud", legitimate: "Label as legitimate" };

/** Asks for a note. Resolves to the text, or null if it was cancelled. */
export function askNote(title, detail, verb) {
  return new Promise((resolve) => {
    const note = h("textarea", { rows: 3, maxlength: 2000, name: "note", placeholder: "Why? Optional; it is kept in the journal." });
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
  const note = await askNote(title, detail, verb);
  if (note === null) return;
  try {
    const { actions } = await post(path, { ...body, note });
    await done();
    toast(said, "Undo", () => undo(actions, done));
  } catch (error) {
    toast(error.message);
  }
}

export async function undo(actions, done) {
  try {
    for (const action of actions) await post(`/v1/actions/${encodeURIComponent(action.id)}/undo`, {});
    await done();
    toast(actions.length > 1 ? `${actions.length} actions taken back.` : "Taken back.");
  } catch (error) {
    toast(error.message);
  }
}

export function setStatus(ids, status, done) {
  const what = ids.length === 1 ? `ring ${ids[0]}` : `${ids.length} rings`;
  const path = ids.length === 1 ? `${ringPath(ids[0])}/status` : "/v1/rings/status";
  const body = ids.length === 1 ? { status } : { ids, status };
  return act(`${VERBS[status]} ${what}?`, "No later run changes what you decide.", VERBS[status], path, body, done, `${what} is ${status}.`);
}

export function setLabel(ids, label, done) {
  const what = ids.length === 1 ? `account ${ids[0]}` : `${ids.length} accounts`;
  return act(`${VERBS[label]}: ${what}?`, "The next detection run learns from it.", VERBS[label], "/v1/accounts/labels", { ids, label }, done, `${what}: ${label}.`);
}
