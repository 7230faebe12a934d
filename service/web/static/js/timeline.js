// Signups of the ring beside everybody else's, as bars.

import { h, number, s } from "./dom.js";

const WIDTH = 1200;
const HEIGHT = 130;
const WHEN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

function stepName(seconds) {
  if (seconds >= 172800) return `${Math.round(seconds / 86400)} days`;
  if (seconds >= 7200) return `${Math.round(seconds / 3600)} hours`;
  return `${Math.max(1, Math.round(seconds / 60))} minutes`;
}

export function drawTimeline(place, { step_seconds: step, buckets }) {
  if (!buckets.length) {
    place.replaceChildren(h("h2", {}, "Signups"), h("p", { class: "muted" }, "No member has a known time of signup."));
    return;
  }
  const top = Math.max(...buckets.map((bucket) => Math.max(bucket.members, bucket.others)), 1);
  const width = WIDTH / buckets.length;
  const height = (count) => (count ? Math.max(1.5, (count / top) * HEIGHT) : 0);
  const bar = (count, n, part, name) => s("rect", { class: name, x: (n * width + part * width * .46 + width * .04).toFixed(1), width: (width * .44).toFixed(1), y: (HEIGHT - height(count)).toFixed(1), height: height(count).toFixed(1), rx: 1 });
  const bars = buckets.map((bucket, n) => s("g", {},
    s("title", {}, `${WHEN.format(bucket.start * 1000)} UTC: ${number(bucket.members)} of the ring, ${number(bucket.others)} others`),
    s("rect", { class: "t-hit", x: (n * width).toFixed(1), y: 0, width: width.toFixed(1), height: HEIGHT }),
    bar(bucket.members, n, 0, "t-members"), bar(bucket.others, n, 1, "t-others")));
  const born = buckets.reduce((sum, bucket) => sum + bucket.members, 0);
  const others = buckets.reduce((sum, bucket) => sum + bucket.others, 0);
  const last = buckets.at(-1).start + step;
  place.replaceChildren(
    h("div", { class: "heading" }, h("h2", {}, "Signups"),
      h("p", { class: "muted" }, `per ${stepName(step)}: `, h("span", { class: "t-key t-ring" }, `the ring, ${number(born)}`), h("span", { class: "t-key t-rest" }, `everybody else, ${number(others)}`))),
    s("svg", { class: "t-chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `Signups per ${stepName(step)}: ${number(born)} of the ring and ${number(others)} others` },
      s("line", { class: "t-base", x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }), ...bars),
    h("div", { class: "t-ends muted" }, h("span", {}, `${WHEN.format(buckets[0].start * 1000)} UTC`), h("span", {}, `${WHEN.format(last * 1000)} UTC`)));
}
