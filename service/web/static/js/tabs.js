// Tabs: one panel of several is shown.

import { h } from "./dom.js";

export function drawTabs(place, panels, chosen) {
  const choose = (name, focus) => {
    drawTabs(place, panels, name);
    if (focus) place.querySelector('[aria-selected="true"]').focus();
  };
  const move = (event, name) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = panels.findIndex(([one]) => one === name);
    choose(panels[(at + step + panels.length) % panels.length][0], true);
  };
  place.replaceChildren(...panels.map(([name, title]) => h("button", {
    type: "button", role: "tab", "aria-controls": name, "aria-selected": String(name === chosen), tabindex: name === chosen ? 0 : -1,
    onclick: () => choose(name), onkeydown: (event) => move(event, name),
  }, title)));
  for (const [name] of panels) document.getElementById(name).hidden = name !== chosen;
}
