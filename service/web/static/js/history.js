// What became of a ring: runs that changed it and what people did, newest first.

import { get, ringPath } from "./api.js";
import { undo } from "./decide.js";
import { h, moment, number } from "./dom.js";

function sentence(action) {
  if (action.kind === "label") return `Account ${action.subject}: ${action.after ? `labelled ${action.after}` : "label taken away"}`;
  return `Status: ${action.before} → ${action.after}`;
}

function actionEntry(action, changed) {
  return h("div", { class: `entry ${action.undone ? "undone" : ""}` },
    h("span", { class: "muted" }, moment(action.at)), h("p", {}, sentence(action), h("span", { class: "muted" }, ` by ${action.who}`)),
    action.undone ? h("span", { class: "muted" }, "taken back") : h("button", { type: "button", class: "quiet", onclick: () => undo([action], changed) }, "Undo"),
    action.note ? h("p", { class: "note-text" }, action.note) : null);
}

const ring = (id) => h("a", { href: `/rings/${encodeURIComponent(id)}` }, id);

function changeSentence(change) {
  const size = change.size_before === null ? null : `${number(change.size_before)} → ${number(change.size)} accounts`;
  switch (change.kind) {
    case "opened": return ["Found, with ", number(change.size), " accounts"];
    case "grown": return ["Grew: ", size];
    case "shrunk": return ["Shrank: ", size];
    case "merged": return ["Took in ring ", ring(change.other)];
    case "split": return ["Split off from ring ", ring(change.other)];
    case "gone": return ["Not found by this run any more"];
    default: return [change.kind];
  }
}

function changeEntry(change) {
  return h("div", { class: "entry" }, h("span", { class: "muted" }, moment(change.at)),
    h("p", {}, ...changeSentence(change)), h("span", { class: "muted mono" }, change.run ?? ""));
}

export function drawActions(place, actions, changed) {
  const entries = actions.map((action) => actionEntry(action, changed));
  place.replaceChildren(...(entries.length ? entries : [h("p", { class: "muted" }, "Nobody has decided anything about it yet.")]));
}

export async function drawHistory(place, id, changed) {
  const { changes, actions } = await get(`${ringPath(id)}/history`);
  const all = [...changes.map((change) => [change.at, changeEntry(change)]), ...actions.map((action) => [action.at, actionEntry(action, changed)])];
  all.sort(([a], [b]) => Date.parse(b) - Date.parse(a));
  place.replaceChildren(...(all.length ? all.map(([, entry]) => entry) : [h("p", { class: "muted" }, "No run and nobody has changed this ring yet.")]));
}
