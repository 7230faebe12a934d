// Signups of the ring beside everybody else's, as bars.

import { h, number, s } from "./dom.js";

const WIDTH = 1200;
const HEIGHT = 84;
const WHEN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

function stepName(seconds) {
  if (seconds >= 172800) return `${Math.round(seconds / 86400)} days`;
  if (seconds >= 7200) return `${Math.round(seconds / 3600)} hours`;
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes === 1 ? "minute" : `${minutes} minutes`;
}

export function drawTimeline(place, { step_seconds: step, buckets }) {
  if (!buckets.length) {
    place.replaceChildren(h("h2", {}, "Signups"), h("p", { class: "muted" }, "No member has a known time of signup."));
    return;
  }
  const width = WIDTH / buckets.length;
  const last = buckets.at(-1).start + step;
  const strip = (name, field, title) => {
    const top = Math.max(...buckets.map((bucket) => bucket[field]), 1);
    const all = buckets.reduce((sum, bucket) => sum + bucket[field], 0);
    const height = (count) => (count ? Math.max(1.5, (count / top) * HEIGHT) : 0);
    return [
      h("div", { class: "t-name" }, h("span", { class: `t-key ${name}` }, `${title}: ${number(all)}`), h("span", {}, `highest ${number(top)}`)),
      s("svg", { class: "t-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${title}: ${number(all)} signups, at most ${number(top)} in each ${stepName(step)}` },
        s("line", { class: "t-base", x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }),
        ...buckets.map((bucket, n) => s("g", {},
          s("title", {}, `${WHEN.format(bucket.start * 1000)} UTC: ${number(bucket.members)} of the ring, ${number(bucket.others)} others`),
          s("rect", { class: "t-hit", x: (n * width).toFixed(1), y: 0, width: width.toFixed(1), height: HEIGHT }),
          s("rect", { class: field === "members" ? "t-members" : "t-others", x: (n * width + width * .1).toFixed(1), width: (width * .8).toFixed(1), y: (HEIGHT - height(bucket[field])).toFixed(1), height: height(bucket[field]).toFixed(1), rx: 1 }))))];
  };
  place.replaceChildren(
    h("div", { class: "heading" }, h("h2", {}, "Signups"), h("p", { class: "muted" }, `in each ${stepName(step)}, each row on its own scale`)),
    ...strip("t-ring", "members", "This ring"), ...strip("t-rest", "others", "Everybody else"),
    h("div", { class: "t-ends muted" }, h("span", {}, `${WHEN.format(buckets[0].start * 1000)} UTC`), h("span", {}, `${WHEN.format(last * 1000)} UTC`)));
}
