// One account: the decision with its reasons, what it uses, its ring and its neighbours.

import { accountPath, get } from "./api.js";
import { setLabel } from "./decide.js";
import { clipped, day, h, kind, levelBadge, notice, number, span, statusBadge, toast, traitBadges } from "./dom.js";
import { RingGraph } from "./graph.js";
import { drawActions } from "./history.js";
import { drawLegend } from "./legend.js";
import { drawPicked } from "./picked.js";
import { drawReasons } from "./reasons.js";
import { drawTabs } from "./tabs.js";
import { drawTools } from "./tools.js";

const id = document.getElementById("account").dataset.account;
const part = (name) => document.getElementById(name);
const ACTIONS = { allow: "low", review: "medium", challenge: "high", block: "critical" };
let account;

const score = () => account.decision?.score ?? (account.risk ?? 0) * 100;

function drawWhy() {
  drawReasons(part("reasons"), account.decision?.reasons?.length ? account.decision.reasons : account.reasons, score(), "Why");
}

function drawHead() {
  const { decision } = account;
  const fact = (value, name) => h("span", {}, h("strong", {}, value), ` ${name}`);
  part("head").replaceChildren(
    h("h1", {}, id), levelBadge(decision?.level ?? account.level),
    account.label ? h("span", { class: `badge ${account.label}` }, account.label) : "",
    h("div", { class: "verbs" },
      account.label === "fraud" ? null : h("button", { type: "button", class: "primary", onclick: () => setLabel(new Map([[id, account.label]]), "fraud", reload) }, "Label as fraud"),
      account.label === "legitimate" ? null : h("button", { type: "button", onclick: () => setLabel(new Map([[id, account.label]]), "legitimate", reload) }, "Label as legitimate")),
    h("div", { class: "facts" },
      fact(String(Math.round(score())), "of 100"),
      decision ? h("span", {}, "decision ", h("span", { class: `badge ${ACTIONS[decision.action]}` }, decision.action)) : null,
      fact(day(account.created_at), account.created_from === "event" ? "first seen (no signup event)" : "signed up"),
      fact(number(account.total_links), "identifiers")));
}

function ringCard() {
  const { ring } = account;
  if (!ring) return [h("h2", {}, "Ring"), h("p", { class: "muted" }, "It is in no ring of the published run.")];
  return [h("h2", {}, "Ring ", h("a", { href: `/rings/${encodeURIComponent(ring.id)}` }, ring.id)),
    h("dl", { class: "pairs" }, h("dt", {}, "score"), h("dd", {}, String(Math.round(ring.score)), " ", levelBadge(ring.level)), h("dt", {}, "accounts"), h("dd", {}, number(ring.size)),
      h("dt", {}, "status"), h("dd", {}, statusBadge(ring.status)), h("dt", {}, "belongs"), h("dd", {}, ring.strength?.toFixed(2) ?? "–"))];
}

function drawLinks() {
  const rows = account.links.map((link) => h("tr", {},
    h("td", {}, kind(link.kind, h("a", { href: `/?q=${encodeURIComponent(link.id)}` }, clipped(link.id, 30))), ...traitBadges(link.within, true).flatMap((badge) => [" ", badge]), ...link.within.filter((one) => one.name).map((one) => h("span", { class: "muted" }, ` ${one.id} ${one.name}`))),
    h("td", { class: "number" }, number(link.accounts)), h("td", { class: "number wide" }, number(link.uses)), h("td", { class: "wide muted" }, span(link.first_seen, link.last_seen))));
  part("links").replaceChildren(h("table", { class: "plain" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Uses"), h("th", { scope: "col", class: "number" }, "Accounts on it"), h("th", { scope: "col", class: "number wide" }, "Requests"), h("th", { scope: "col", class: "wide" }, "Active"))),
    h("tbody", {}, ...rows)),
  account.total_links > account.links.length ? h("p", { class: "muted inset" }, `${number(account.links.length)} of ${number(account.total_links)}, the most shared first.`) : "");
}

async function expand(node) {
  if (node.kind !== "account") return;
  try {
    if (!(await graph.unfold(node.id, await get(`${accountPath(node.id)}/graph`)))) toast("Everything that it is linked to is drawn.");
    tools.update();
  } catch (error) {
    toast(error.message);
  }
}

async function reload() {
  account = await get(accountPath(id));
  drawHead();
  drawWhy();
  drawActions(part("history"), account.actions, reload);
}

function pickedShown() {
  const nodes = graph.selected();
  if (nodes.length) drawPicked(part("picked"), account, nodes, { open: expand, done: reload });
  else part("picked").replaceChildren(...ringCard());
}

const graph = new RingGraph(part("graph"), { picked: () => { pickedShown(); tools.update(); }, opened: expand });
const tools = drawTools(part("tools"), part("slider"), graph, "Account", () => id);

try {
  let drawing;
  [account, drawing] = await Promise.all([get(accountPath(id)), get(`${accountPath(id)}/graph`)]);
  drawHead();
  drawWhy();
  drawLinks();
  drawActions(part("history"), account.actions, reload);
  drawTabs(part("tabs"), [["links", "What it uses"], ["history", "Journal"]], "links");
  await graph.draw(drawing);
  graph.cy.getElementById(id).addClass("self");
  drawLegend(part("legend"), graph, drawing.nodes.length > 1 ? `${number(drawing.nodes.length)} nodes around this account` : "It shares nothing with anybody.", tools.update);
  pickedShown();
  tools.update();
  document.body.dataset.drawn = graph.cy.elements().length;
} catch (error) {
  part("account").replaceChildren(notice(error.status === 404 ? "There is no such account" : "The account can't be shown", h("p", {}, error.message), h("p", {}, h("a", { href: "/" }, "All rings"))));
}
