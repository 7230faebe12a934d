// The kinds that are drawn, each a switch, and a sentence.

import { KINDS, h, kind } from "./dom.js";

export function drawLegend(place, graph, note, toggled) {
  const toggle = (name) => (event) => {
    const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(on));
    graph.toggleKind(name, on);
    toggled();
  };
  place.replaceChildren(
    ...Object.keys(KINDS).filter((name) => graph.hasKind(name)).map((name) => h("button", { type: "button", "aria-pressed": String(!graph.isOff(name)), title: "Show or hide", onclick: toggle(name) }, kind(name, KINDS[name].many))),
    h("span", { class: "note" }, note));
}
