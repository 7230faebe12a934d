// Why: sentences with their points and the counts behind them.

import { h, number } from "./dom.js";

const words = (name) => name.replaceAll("_", " ");
const shown = (value) => (typeof value === "number" ? (Number.isInteger(value) ? number(value) : value.toFixed(Math.abs(value) < 10 ? 2 : 1)) : String(value));

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Whole points that add up to the whole score that is shown, as adding_up in service/model/decision.py: all cut off, and
 * one more for those that lost most. */
function whole(points, score) {
  const count = points.length, wanted = Math.round(score);
  if (Math.abs(wanted - sum(points)) > (count + 1) / 2) return points.map(Math.round); // they are not of this score
  const cut = points.map(Math.floor), missing = wanted - sum(cut), each = Math.floor(missing / Math.max(1, count));
  const ranked = points.map((_, n) => n).sort((a, b) => points[b] - cut[b] - (points[a] - cut[a]));
  ranked.forEach((n, rank) => { cut[n] += each + (rank < missing - each * count ? 1 : 0); });
  return cut;
}

export function drawReasons(place, reasons, score, title) {
  const points = whole((reasons ?? []).map((reason) => reason.points), score);
  const top = Math.max(1, ...(reasons ?? []).map((reason) => Math.abs(reason.points)));
  place.replaceChildren(h("h2", {}, title), ...(reasons?.length ? reasons.map((reason, n) => {
    const bar = h("i", { class: reason.points < 0 ? "less" : null });
    bar.style.width = `${(Math.abs(reason.points) / top) * 100}%`;
    const evidence = Object.entries(reason.evidence ?? {});
    return h("div", { class: "reason" }, h("p", {}, reason.text),
      h("span", { class: "points", title: "Points of the score" }, `${points[n] > 0 ? "+" : ""}${points[n] || 0}`),
      h("span", { class: "bar" }, bar),
      evidence.length ? h("details", {}, h("summary", {}, "Evidence"), h("dl", { class: "pairs" }, ...evidence.flatMap(([name, value]) => [h("dt", {}, words(name)), h("dd", {}, shown(value))]))) : null);
  }) : [h("p", { class: "muted" }, score < 20 ? "Reasons are kept from a score of 20 on." : "No reason was written for it.")]));
}
