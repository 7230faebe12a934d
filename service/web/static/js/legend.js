// The kinds that are drawn, each a switch, and a sentence.

import { KINDS, h, kind } from "./dom.js";

export function drawLegend(place, graph, nodes, note) {
  const present = Object.keys(KINDS).filter((name) => nodes.some((node) => node.kind === name));
  const toggle = (name) => (event) => {
    const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(on));
    graph.toggleKind(name, on);
  };
  place.replaceChildren(
    ...present.map((name) => h("button", { type: "button", "aria-pressed": "true", title: "Show or hide", onclick: toggle(name) }, kind(name, KINDS[name].many))),
    h("span", { class: "note" }, note));
}
