// The list of rings: filters kept in the address, pages, selection, keys.

import { get } from "./api.js";
import { setStatus } from "./decide.js";
import { drawHits } from "./hits.js";
import { clipped, h, kind, levelBadge, notice, number, short, span, sparkline, statusBadge, toast } from "./dom.js";

const STATUSES = ["open", "reviewing", "confirmed", "dismissed"];
const LEVELS = ["critical", "high", "medium", "low"];
const form = document.getElementById("filters");
const list = document.getElementById("list");
const bulk = document.getElementById("bulk");
const hits = document.getElementById("hits");
const found = document.getElementById("found");
const search = document.getElementById("top-q");
const state = { rings: [], next: null, total: 0, picked: new Set(), at: -1, last: -1, loading: null, hits: false };

function chips(id, names, parameter) {
  const group = document.getElementById(id);
  group.append(...names.map((name) => h("button", {
    type: "button", "data-name": name, "aria-pressed": "false",
    onclick: (event) => {
      const pressed = event.currentTarget.getAttribute("aria-pressed") === "true";
      event.currentTarget.setAttribute("aria-pressed", String(!pressed));
      changed();
    },
  }, name)));
  group.dataset.parameter = parameter;
}

const pressed = (id) => [...document.querySelectorAll(`#${id} [aria-pressed="true"]`)].map((button) => button.dataset.name);

function wanted() {
  return {
    status: pressed("statuses"), level: pressed("levels"), min_size: form.elements.min_size.value,
    sort: form.elements.sort.value === "score" ? "" : form.elements.sort.value, q: search.value.trim(),
  };
}

function fromAddress() {
  const address = new URLSearchParams(location.search);
  for (const button of form.querySelectorAll(".chips button")) {
    const has = address.getAll(button.parentElement.dataset.parameter).includes(button.dataset.name);
    button.setAttribute("aria-pressed", String(has));
  }
  form.elements.min_size.value = address.get("min_size") ?? "";
  const sorts = [...form.elements.sort.options].map((option) => option.value);
  const sort = address.get("sort") ?? "score";
  form.elements.sort.value = sorts.includes(sort) ? sort : "score";
  const known = { status: STATUSES, level: LEVELS, sort: sorts };
  const strange = Object.entries(known).flatMap(([name, values]) => address.getAll(name).filter((value) => !values.includes(value)).map((value) => `${name}=${value}`));
  if (strange.length) toast(`There is no ${strange.join(", ")}: it is left out.`);
  search.value = address.get("q") ?? "";
}

function changed() {
  const address = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted())) for (const one of [value].flat()) if (one) address.append(name, one);
  const text = address.toString();
  history.replaceState(null, "", text ? `/?${text}` : "/");
  load();
}

async function load(more = false) {
  state.loading?.abort();
  const control = new AbortController();
  state.loading = control;
  list.setAttribute("aria-busy", "true");
  const { q, ...filters } = wanted();
  try {
    const asked = get("/v1/rings", { ...filters, identifier: q, growth: true, limit: 50, cursor: more ? state.next : null }, control.signal);
    const beside = q && !more ? get("/v1/search", { q }, control.signal) : null;
    const [page, others] = await Promise.all([asked, beside]);
    if (!more) state.hits = drawHits(hits, others ?? { accounts: [], identifiers: [], decision: null }, () => loadHits(q));
    state.rings = more ? [...state.rings, ...page.rings] : page.rings;
    Object.assign(state, { next: page.next, total: page.total });
    if (!more) { state.at = state.last = -1; state.picked.clear(); }
    draw();
  } catch (error) {
    if (control.signal.aborted) return;
    list.replaceChildren(notice("The rings can't be shown", h("p", {}, error.message), h("button", { type: "button", onclick: () => load() }, "Try again")));
    found.textContent = "";
    hits.replaceChildren();
  }
  list.setAttribute("aria-busy", "false");
}

/** All that a search may say of a term, in place of the first few. */
async function loadHits(q) {
  try {
    drawHits(hits, await get("/v1/search", { q, limit: 1000 }));
  } catch (error) {
    toast(error.message);
  }
}

function draw() {
  const filtered = Object.values(wanted()).some((value) => value.length);
  found.textContent = state.total ? `${number(state.total)} ${state.total === 1 ? "ring" : "rings"}` : "";
  drawBulk();
  if (!state.rings.length) {
    if (state.hits) list.replaceChildren(h("p", { class: "muted" }, "No ring of the published run fits."));
    else list.replaceChildren(filtered
      ? notice("No ring matches", h("p", {}, "No ring fits these filters and this search, and no account, identifier or decision is called so."), h("button", { type: "button", onclick: () => form.reset() }, "Clear all"))
      : notice("No rings yet", h("p", {}, "Send events, then let a detection run look at them:"),
        h("p", {}, h("code", {}, "ringsight ingest events.jsonl"), " then ", h("code", {}, "ringsight detect")),
        h("p", {}, "or see it with made-up data: ", h("code", {}, "ringsight demo"))));
    return;
  }
  const head = ["", "Ring", "Score", "Level", "Accounts", "Growth", "Requests", "Active", "Status"];
  const classes = { Score: "", Accounts: "number", Requests: "number requests" };
  list.replaceChildren(
    h("table", { class: "rings" },
      h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col", class: classes[name] ?? null }, name || h("span", { class: "unseen" }, "Select"))))),
      h("tbody", {}, ...state.rings.map(row))),
    state.next ? h("div", { class: "more" }, h("button", { type: "button", onclick: () => load(true) }, "Show more")) : "");
}

function row(ring, index) {
  const address = `/rings/${encodeURIComponent(ring.id)}`;
  const picked = state.picked.has(ring.id);
  return h("tr", {
    "data-ring": ring.id, class: index === state.at ? "at" : null,
    onclick: (event) => { if (!event.target.closest("a, input, button")) location.assign(address); },
  },
    h("td", { class: "pick" }, h("input", { type: "checkbox", checked: picked, "aria-label": `Select ${ring.id}`, onclick: (event) => pick(index, event.shiftKey) })),
    h("td", { class: "name" }, h("a", { class: "ring-id", href: address }, ring.id), held(ring)),
    h("td", {}, h("span", { class: "score" }, h("meter", { min: 0, max: 100, value: ring.score, class: ring.level, "aria-hidden": "true" }), String(Math.round(ring.score)))),
    h("td", { class: "level" }, levelBadge(ring.level)),
    h("td", { class: "number size", "data-label": "Accounts" }, number(ring.size)),
    h("td", { class: "growth" }, ring.growth ? sparkline(ring.growth) : ""),
    h("td", { class: "number requests", "data-label": "Requests" }, ring.uses ? short(ring.uses) : "–"),
    h("td", { class: "active wide" }, span(ring.first_seen, ring.last_seen)),
    h("td", { class: "state" }, statusBadge(ring.status)),
  );
}

function held(ring) {
  return h("div", { class: "held" }, ...ring.held_by.slice(0, 3).map((one) => kind(one.kind, clipped(one.id, 14), ` ${number(one.members)}`)));
}

/** With Shift, all rings from the one that was picked last on. */
function pick(index, range) {
  const { id } = state.rings[index];
  if (range && state.last >= 0) {
    for (const ring of state.rings.slice(Math.min(index, state.last), Math.max(index, state.last) + 1)) state.picked.add(ring.id);
    draw();
  } else if (!state.picked.delete(id)) state.picked.add(id);
  state.last = index;
  drawBulk();
}

function drawBulk() {
  bulk.hidden = !state.picked.size;
  bulk.replaceChildren(h("strong", {}, `${state.picked.size} selected`),
    ...[["confirmed", "Confirm"], ["dismissed", "Dismiss"], ["reviewing", "Reviewing"], ["open", "Reopen"]].map(([status, verb]) =>
      h("button", { type: "button", onclick: () => setStatus(state.rings.filter((ring) => state.picked.has(ring.id)), status, () => load()) }, verb)),
    h("button", { type: "button", class: "quiet", onclick: () => { state.picked.clear(); draw(); } }, "Clear selection"));
}

function move(step) {
  if (!state.rings.length) return;
  state.at = Math.max(0, Math.min(state.rings.length - 1, state.at + step));
  for (const [index, element] of [...list.querySelectorAll("tbody tr")].entries()) element.classList.toggle("at", index === state.at);
  list.querySelector("tr.at a").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j" || event.key === "ArrowDown") { event.preventDefault(); move(1); }
  if (event.key === "k" || event.key === "ArrowUp") { event.preventDefault(); move(-1); }
  if (event.key === "x" && state.at >= 0) { pick(state.at); list.querySelector("tr.at input").checked = state.picked.has(state.rings[state.at].id); }
});

let typing;
const later = () => { clearTimeout(typing); typing = setTimeout(changed, 250); };
chips("statuses", STATUSES, "status");
chips("levels", LEVELS, "level");
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.min_size.addEventListener("input", later);
form.elements.sort.addEventListener("change", changed);
form.addEventListener("reset", () => setTimeout(() => {
  for (const button of form.querySelectorAll(".chips button")) button.setAttribute("aria-pressed", "false");
  search.value = "";
  changed();
}));
search.addEventListener("input", later);
search.form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
addEventListener("popstate", () => { fromAddress(); load(); });

list.replaceChildren(h("div", { class: "card" }, ...Array.from({ length: 8 }, () => h("p", { class: "skeleton" }))));
fromAddress();
load();
