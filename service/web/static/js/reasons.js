// Why: sentences with their points and the counts behind them.

import { h, number } from "./dom.js";

const words = (name) => name.replaceAll("_", " ");
const shown = (value) => (typeof value === "number" ? (Number.isInteger(value) ? number(value) : value.toFixed(Math.abs(value) < 10 ? 2 : 1)) : String(value));

export function drawReasons(place, reasons, title = "Why it is a ring") {
  const top = Math.max(1, ...(reasons ?? []).map((reason) => Math.abs(reason.points)));
  place.replaceChildren(h("h2", {}, title), ...(reasons?.length ? reasons.map((reason) => {
    const bar = h("i", { class: reason.points < 0 ? "less" : null });
    bar.style.width = `${(Math.abs(reason.points) / top) * 100}%`;
    const evidence = Object.entries(reason.evidence ?? {});
    return h("div", { class: "reason" }, h("p", {}, reason.text),
      h("span", { class: "points", title: "Points of the score" }, `${Math.round(reason.points) > 0 ? "+" : ""}${Math.round(reason.points)}`),
      h("span", { class: "bar" }, bar),
      evidence.length ? h("details", {}, h("summary", {}, "Evidence"), h("dl", { class: "pairs" }, ...evidence.flatMap(([name, value]) => [h("dt", {}, words(name)), h("dd", {}, shown(value))]))) : null);
  }) : [h("p", { class: "muted" }, "No reason was written for it.")]));
}
