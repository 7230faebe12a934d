// Detection runs, latest first; and for administrators the settings in use.

import { get } from "./api.js";
import { h, moment, notice, number, toast } from "./dom.js";

const LIMIT = 200;
const place = document.getElementById("runs");
const settings = document.getElementById("settings");
const LOOKS = { failed: "high", published: "low" };

/** "1 min 12 s" from one moment to another; a dash where one of them is not known. */
function took(from, to) {
  if (!from || !to) return "–";
  const seconds = (new Date(to) - new Date(from)) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${number(Math.floor(seconds / 60))} min ${Math.round(seconds % 60)} s`;
}

const count = (value) => (value === undefined || value === null ? "–" : number(value));

/** Rings of all levels, with those of each level in the title. */
function rings(found) {
  if (typeof found !== "object" || found === null) return h("td", { class: "number" }, count(found));
  const levels = Object.entries(found).map(([level, value]) => `${number(value)} ${level}`).join(", ");
  return h("td", { class: "number", title: levels }, number(Object.values(found).reduce((sum, value) => sum + value, 0)));
}

function row(run) {
  return h("tr", {},
    h("td", { class: "when" }, moment(run.started_at), h("div", { class: "muted mono" }, run.id)),
    h("td", { class: "number" }, took(run.started_at, run.finished_at)),
    h("td", {}, h("span", { class: `badge ${LOOKS[run.state] ?? ""}`.trim() }, run.state), run.error ? h("p", { class: "error" }, run.error) : null),
    h("td", {}, run.model_version ?? "–"), h("td", { class: "number" }, count(run.counts.accounts)), rings(run.counts.rings));
}

function draw(runs) {
  if (!runs.length) return notice("No run yet", h("p", {}, "Rings and scores come from detection runs: ", h("code", {}, "ringsight detect"), " makes one."));
  const head = [["Started", ""], ["Took", "number"], ["State", ""], ["Model", ""], ["Accounts", "number"], ["Rings", "number"]];
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Runs" }, h("table", { class: "runs" },
    h("thead", {}, h("tr", {}, ...head.map(([name, look]) => h("th", { scope: "col", class: look || null }, name)))),
    h("tbody", {}, ...runs.map(row))));
}

async function load() {
  place.setAttribute("aria-busy", "true");
  try {
    const { runs } = await get("/v1/detection/runs", { limit: LIMIT });
    place.replaceChildren(draw(runs));
  } catch (error) {
    place.replaceChildren(notice("The runs can't be shown", h("p", {}, error.message), h("button", { type: "button", onclick: load }, "Try again")));
  }
  place.setAttribute("aria-busy", "false");
}

async function loadSettings() {
  const list = settings.querySelector("dl");
  if (!settings.open || list.childElementCount) return;
  try {
    const found = (await get("/v1/settings")).settings;
    list.replaceChildren(...found.flatMap(({ name, value, given }) => [h("dt", { class: "mono" }, name),
      h("dd", {}, value ?? h("span", { class: "muted" }, "empty"), given ? null : h("span", { class: "muted" }, " (default)"))]));
  } catch (error) {
    settings.open = false;
    toast(error.message);
  }
}

settings?.addEventListener("toggle", loadSettings);
load();
