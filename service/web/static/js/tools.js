// The graph's toolbar and its time slider.

import { h, moment, number, toast } from "./dom.js";
import { save, svgOf } from "./picture.js";

/** A picture is titled `what` and `name()` ("Ring", "R-7F3K-Q"), and its file has that name. */
export function drawTools(place, sliderPlace, graph, what, name) {
  const button = (text, title, act) => h("button", { type: "button", class: "quiet", title, onclick: act }, text);
  const gap = () => h("span", { class: "gap" });
  const hide = button("Hide", "Hide what is selected (H)", () => { graph.hide(); update(); });
  const pin = button("Pin", "Keep what is selected where it is (P)", () => graph.pin());
  const path = button("Path", "Shortest path between two selected nodes", () => {
    const found = graph.path();
    toast(found ? found.join(" – ") : "Nothing that is drawn links these two.");
  });
  const show = button("Show all", "Show what was hidden", () => { graph.showAll(); update(); });
  const fold = button("Fold", "Close opened bundles", () => graph.fold().then(update));
  const count = h("span", { class: "count muted" });
  const background = () => getComputedStyle(document.documentElement).getPropertyValue("--card").trim();
  place.replaceChildren(
    button("Fit", "Fit all into view (F)", () => graph.fit()), button("+", "Zoom in", () => graph.zoom(1.35)), button("−", "Zoom out", () => graph.zoom(1 / 1.35)),
    button("Arrange", "Arrange again", () => graph.layout(false)), gap(), hide, show, pin, path,
    fold, gap(),
    button("PNG", "Save the picture as PNG", async () => save(await graph.png(), `${name()}.png`)),
    button("SVG", "Save the picture as SVG", () => save(new Blob([svgOf(graph.shown(), `${what} ${name()}`, background())], { type: "image/svg+xml" }), `${name()}.svg`)), count);

  document.getElementById("graph").addEventListener("keydown", (event) => {
    const act = { f: () => graph.fit(), h: () => hide.click(), p: () => pin.click(), Escape: () => graph.cy.nodes().unselect() }[event.key];
    if (act && !event.ctrlKey && !event.metaKey) act();
  });

  function update() {
    const picked = graph.selected().length;
    for (const one of [hide, pin]) one.disabled = !picked;
    path.disabled = picked !== 2;
    fold.disabled = !graph.bundles.size;
    show.disabled = !graph.hiddenCount();
    const { nodes, links } = graph.count();
    count.textContent = `${number(nodes)} nodes, ${number(links)} links`;
    slider.set(graph.times());
  }

  const slider = drawSlider(sliderPlace, graph, () => { const { nodes, links } = graph.count(); count.textContent = `${number(nodes)} nodes, ${number(links)} links`; });
  return { update };
}

function drawSlider(place, graph, moved) {
  let times = null;
  let timer = null;
  const input = h("input", { type: "range", min: 0, max: 200, value: 200, "aria-label": "Links seen until" });
  const output = h("output", {}, "all of it");
  const go = () => {
    const moment_ = times[0] + ((times[1] - times[0]) * Number(input.value)) / 200;
    output.textContent = Number(input.value) === 200 ? "all of it" : `until ${moment(moment_)}`;
    graph.until(Number(input.value) === 200 ? Infinity : moment_);
    moved();
  };
  const stop = () => { clearInterval(timer); timer = null; play.textContent = "▶ Play"; };
  const play = h("button", { type: "button", class: "quiet", title: "Watch it grow", onclick: () => {
    if (timer) return stop();
    if (Number(input.value) === 200) input.value = 0;
    play.textContent = "❚❚ Stop";
    timer = setInterval(() => { input.value = Number(input.value) + 2; go(); if (Number(input.value) >= 200) stop(); }, 60);
  } }, "▶ Play");
  input.addEventListener("input", go);
  place.replaceChildren(play, input, output);
  return { set(found) { times = found; place.hidden = !found; if (found && input.value < 200) go(); } };
}
