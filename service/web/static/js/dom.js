// Small helpers to make elements, and the words and marks that all pages share.

import { IDENTIFIERS } from "/kinds.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes by name, listeners as onclick and so on, children as elements or text (null is left out). */
export function h(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const number = (value) => (value ?? 0).toLocaleString("en");

/** 12,345 as 12.3 k, 13,000,000 as 13 M. */
export function short(value) {
  const [divisor, unit] = value >= 1e9 ? [1e9, " G"] : value >= 1e6 ? [1e6, " M"] : value >= 1e4 ? [1e3, " k"] : [1, ""];
  const scaled = value / divisor;
  return (divisor === 1 ? number(Math.round(value)) : scaled.toFixed(scaled < 100 ? 1 : 0).replace(/\.0$/, "")) + unit;
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
export const day = (time) => (time ? DAY.format(new Date(time)) : "unknown");
export const moment = (time) => (time ? `${MOMENT.format(new Date(time))} UTC` : "unknown");

/** "3 Sep – 1 Oct 2026". */
export function span(first, last) {
  if (!first || !last) return day(first ?? last);
  const sameYear = first.slice(0, 4) === last.slice(0, 4);
  if (first.slice(0, 10) === last.slice(0, 10)) return day(first);
  return `${sameYear ? SHORT_DAY.format(new Date(first)) : day(first)} – ${day(last)}`;
}

export const KINDS = {
  account: { one: "account", many: "accounts", shape: "circle" },
  bundle: { one: "bundle of accounts", many: "bundles of accounts", shape: "ring" },
  rest: { one: "smaller bundles", many: "smaller bundles", shape: "ring" },
  ...IDENTIFIERS, // one, many, points, and for the graph its shape
  ring: { one: "ring", many: "rings", shape: "circle" },
};

/** The mark of a kind, in the shape and colour that the graph uses. */
export function mark(kind) {
  const { shape, points } = KINDS[kind] ?? {};
  const body = points ? s("polygon", { "fill-rule": "evenodd", points: points.map(([x, y]) => `${6 + 6 * x},${6 + 6 * y}`).join(" ") })
    : shape === "ring" ? s("path", { "fill-rule": "evenodd", d: "M6 0a6 6 0 1 0 0 12A6 6 0 0 0 6 0m0 2.2a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6" })
      : s("circle", { cx: 6, cy: 6, r: 5.5 });
  return s("svg", { viewBox: "0 0 12 12", class: `kind-${kind}`, "aria-hidden": "true" }, body);
}

export const kind = (name, ...rest) => h("span", { class: "kind" }, mark(name), ...rest);
const TRAITS = {
  throwaway: ["high", "throw-away", "Mailboxes here are thrown away"],
  hosting: ["high", "hosting", "A data centre's network, by the file of RINGSIGHT_MMDB"],
  mobile: ["", "mobile", "A mobile carrier's network, by the file of RINGSIGHT_MMDB"],
  residential: ["", "residential", "A provider's lines, by the file of RINGSIGHT_MMDB"],
  business: ["", "business", "The network of a firm, a school or an authority, by the file of RINGSIGHT_MMDB"],
};

/** What is known of the domains and networks that something is in: a badge for each trait; `named`: with the name of a
 * domain of throw-away mail, where it does not stand beside. */
export function traitBadges(within, named = false) {
  const known = new Map(within.filter((one) => one.trait in TRAITS).map((one) => [one.trait, one]));
  return [...known].map(([trait, one]) => {
    const [level, word, title] = TRAITS[trait];
    const text = named && trait === "throwaway" ? [`${word} `, clipped(one.id, 20)] : word;
    return h("span", { class: `badge ${level}`.trim(), title }, text);
  });
}

export const levelBadge = (level) => h("span", { class: `badge ${level}` }, level ?? "low");
export const statusBadge = (status) => h("span", { class: `badge status ${status}` }, status);

/** A long token as its beginning and end; the whole is in the title. */
export function clipped(id, length = 16) {
  const text = id.length > length + 3 ? `${id.slice(0, length - 5)}…${id.slice(-5)}` : id;
  return h("span", { class: "mono", title: id }, text);
}

export function notice(title, ...children) {
  const picture = s("svg", { viewBox: "0 0 64 64", "aria-hidden": "true" },
    s("circle", { cx: 32, cy: 32, r: 20 }), s("circle", { cx: 32, cy: 12, r: 5 }), s("circle", { cx: 15, cy: 42, r: 5 }), s("circle", { cx: 49, cy: 42, r: 5 }));
  return h("div", { class: "notice" }, picture, h("h2", {}, title), ...children);
}

/** Says something for a few seconds, with a button if there is something to take back. */
export function toast(text, label, act) {
  const box = h("div", { class: "toast" }, h("span", {}, text));
  const close = () => box.remove();
  if (label) box.append(h("button", { type: "button", onclick: () => { close(); act(); } }, label));
  else box.append(h("button", { type: "button", onclick: close }, "OK"));
  document.getElementById("toasts").append(box);
  setTimeout(close, 9000);
}

/** A line of growth with its area, for numbers that only rise. */
export function sparkline(values) {
  const top = Math.max(1, ...values);
  const points = values.map((value, n) => `${((n / Math.max(1, values.length - 1)) * 90 + 1).toFixed(1)} ${(24 - (value / top) * 22).toFixed(1)}`);
  const line = `M${points.join("L")}`;
  return s("svg", { class: "spark", viewBox: "0 0 92 26", role: "img", "aria-label": `grew to ${number(top)}` },
    s("path", { class: "area", d: `${line}L91 25L1 25z` }), s("path", { d: line }));
}
