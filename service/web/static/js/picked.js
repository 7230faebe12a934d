// What is selected in the graph, and what can be done with it; nothing selected: what holds the ring together.

import { setLabel } from "./decide.js";
import { KINDS, clipped, h, kind, levelBadge, moment, number, traitBadges } from "./dom.js";

const rings = (id, length, text = id) => h("a", { href: `/?q=${encodeURIComponent(id)}` }, clipped(text, length));
/** Members among all accounts on something; a run of before did not count the others. */
const among = (held) => (held.accounts > held.members ? `${number(held.members)} of ${number(held.accounts)} accounts` : `${number(held.members)} members`);
const pair = (name, value) => (value === null || value === undefined || value === "" ? [] : [h("dt", {}, name), h("dd", {}, value)]);

/** Accounts with the labels that they are drawn with. */
const shown = (nodes) => new Map(nodes.map((node) => [node.id, node.mark ?? null]));

/** The networks and domains that members have in common: the first ones, and all that are throw-away mail. */
function inside(ring) {
  if (!ring.within.length) return [];
  const shown = ring.within.filter((one, place) => place < 6 || one.trait === "throwaway");
  return [h("h2", { class: "further" }, "Members are in"), h("ul", { class: "held-list", id: "within" }, ...shown.map((one) => h("li", {},
    kind(one.kind, rings(one.id, 36, [one.id, one.name].filter(Boolean).join(" "))), ...traitBadges([one]), h("span", { class: "number" }, `${number(one.members)} members`))))];
}

function heldTogether(ring) {
  return [h("h2", {}, "Held together by"), ring.held_by.length
    ? h("ul", { class: "held-list" }, ...ring.held_by.slice(0, 8).map((held) => h("li", {}, kind(held.kind, rings(held.id, 16)), h("span", { class: "number" }, among(held)))))
    : h("p", { class: "muted" }, "No identifier stands out."), ...inside(ring)];
}

function one(node, { open, done }) {
  const what = KINDS[node.kind];
  const folded = node.kind === "bundle" || node.kind === "rest";
  const rows = [
    ...pair(folded ? "accounts" : "accounts on it", node.accounts ? number(node.accounts) : null), ...pair("members that use it", node.members ? number(node.members) : null),
    ...pair("level", node.kind === "account" ? levelBadge(node.level) : null), ...pair("risk", node.risk?.toFixed(2)), ...pair("belongs", node.strength?.toFixed(2)),
    ...pair(node.kind === "account" ? "created" : "first seen", node.first_seen ? moment(node.first_seen) : null), ...pair("label", node.mark),
    ...pair("share", node.identifiers?.length ? h("span", {}, ...node.identifiers.slice(0, 4).flatMap((id) => [clipped(id, 20), h("br")])) : null),
  ];
  const button = (text, act) => h("button", { type: "button", onclick: act }, text);
  return [h("h2", {}, kind(node.kind, folded ? what.one : node.id.length > 30 ? clipped(node.id, 30) : node.id)), h("dl", { class: "pairs" }, ...rows),
    h("div", { class: "picked-verbs" },
      folded ? button("Open", () => open(node)) : null,
      ...(node.kind === "account" ? [h("a", { class: "button", href: `/accounts/${encodeURIComponent(node.id)}` }, "Account"), button("Expand", () => open(node)), button("Fraud", () => setLabel(shown([node]), "fraud", done)), button("Legitimate", () => setLabel(shown([node]), "legitimate", done))] : []),
      what.linked ? h("a", { class: "button", href: `/?q=${encodeURIComponent(node.id)}` }, "Rings with it") : null)];
}

function several(nodes, { done }) {
  const accounts = shown(nodes.filter((node) => node.kind === "account"));
  const counts = Map.groupBy ? [...Map.groupBy(nodes, (node) => node.kind)].map(([name, group]) => h("li", {}, kind(name, KINDS[name].many), h("span", { class: "number" }, number(group.length)))) : [];
  return [h("h2", {}, `${number(nodes.length)} selected`), h("ul", { class: "held-list" }, ...counts),
    h("div", { class: "picked-verbs" }, ...(accounts.size ? [
      h("button", { type: "button", onclick: () => setLabel(accounts, "fraud", done) }, "Label as fraud"),
      h("button", { type: "button", onclick: () => setLabel(accounts, "legitimate", done) }, "Label as legitimate")] : []))];
}

export function drawPicked(place, ring, nodes, verbs) {
  if (!ring) return;
  place.replaceChildren(...(nodes.length === 0 ? heldTogether(ring) : nodes.length === 1 ? one(nodes[0], verbs) : several(nodes, verbs)));
}
