// What became of a ring: runs that changed it and what people did, newest first.

import { get, ringPath } from "./api.js";
import { undo } from "./decide.js";
import { h, moment } from "./dom.js";

function sentence(action) {
  if (action.kind === "label") return `Account ${action.subject}: ${action.after ? `labelled ${action.after}` : "label removed"}`;
  return `Status: ${action.before} → ${action.after}`;
}

export async function drawHistory(place, ring, changed) {
  const { actions } = await get(`${ringPath(ring)}/journal`);
  const entries = actions.map((action) => h("div", { class: `entry ${action.undone ? "undone" : ""}` },
    h("span", { class: "muted" }, moment(action.at)), h("p", {}, sentence(action), h("span", { class: "muted" }, ` by ${action.who}`)),
    action.undone ? h("span", { class: "muted" }, "taken back") : h("button", { type: "button", class: "quiet", onclick: () => undo([action], changed) }, "Undo"),
    action.note ? h("p", { class: "note-text" }, action.note) : null));
  place.replaceChildren(...(entries.length ? entries : [h("p", { class: "muted" }, "Nobody has decided anything about this ring yet.")]));
}
