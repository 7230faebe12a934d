// One ring: loads its parts side by side and ties them together.

import { FOLDS } from "/kinds.js";
import { accountPath, get, ringPath } from "./api.js";
import { setStatus } from "./decide.js";
import { h, levelBadge, notice, number, short, span, statusBadge, toast } from "./dom.js";
import { RingGraph } from "./graph.js";
import { drawHistory } from "./history.js";
import { drawLegend } from "./legend.js";
import { MembersTable } from "./members.js";
import { drawPicked } from "./picked.js";
import { drawReasons } from "./reasons.js";
import { drawTabs } from "./tabs.js";
import { drawTimeline } from "./timeline.js";
import { drawTools } from "./tools.js";

const id = document.getElementById("ring").dataset.ring;
const part = (name) => document.getElementById(name);
const FORMATS = [["pack", "Pack", "everything below, a summary and a signed manifest, as one zip"], ["graphml", "GraphML", "yEd, igraph, networkx, Gephi"], ["gexf", "GEXF", "Gephi"], ["csv", "CSV, links", "spreadsheets"], ["csv-nodes", "CSV, nodes", "spreadsheets"], ["json", "JSON, node-link", "networkx, d3"], ["cytoscape", "Cytoscape JSON", "Cytoscape"], ["svg", "Picture, SVG", "reports"], ["png", "Picture, PNG", "reports"]];
const PROFILES = [["full", "nothing is redacted"], ["tokens", "accounts and addresses as tokens"], ["no-third-parties", "without what others use too"]];
let profile = "full"; // stays when the head is drawn again
let ring;
let graph;
let drawing;

const share = (part) => (part < 0.001 ? "under 0.1" : (part * 100).toFixed(part < 0.1 ? 1 : 0));

/** The formats, each as a link that exports with the chosen redaction. */
function exportMenu() {
  const links = FORMATS.map(([name, title, use]) => h("a", { "data-format": name, download: true }, title, h("small", {}, use)));
  const aim = () => links.forEach((link) => { link.href = `${ringPath(id)}/export?format=${link.dataset.format}&profile=${profile}`; });
  const choice = h("select", { name: "profile", onchange: (event) => { profile = event.target.value; aim(); } },
    ...PROFILES.map(([name, title]) => h("option", { value: name, selected: name === profile }, title)));
  aim();
  return h("details", { class: "menu" }, h("summary", { class: "button" }, "Export ▾"), h("div", {}, h("label", {}, "Redaction ", choice), ...links));
}

function drawHead() {
  const verbs = { open: ["reviewing", "confirmed", "dismissed"], reviewing: ["confirmed", "dismissed", "open"], confirmed: ["reviewing", "open"], dismissed: ["reviewing", "open"] }[ring.status];
  const names = { open: "Reopen", reviewing: "Start reviewing", confirmed: "Confirm", dismissed: "Dismiss" };
  const fact = (value, name) => h("span", {}, h("strong", {}, value), ` ${name}`);
  part("head").replaceChildren(
    h("h1", {}, `Ring ${ring.id}`), levelBadge(ring.level), statusBadge(ring.status),
    h("div", { class: "verbs" },
      ...verbs.map((status) => h("button", { type: "button", class: status === "confirmed" ? "primary" : null, onclick: () => setStatus([ring], status, reload) }, names[status])),
      exportMenu()),
    h("div", { class: "facts" },
      fact(String(Math.round(ring.score)), "of 100"), fact(number(ring.size), ring.size === 1 ? "account" : "accounts"),
      ring.uses ? fact(short(ring.uses), "requests") : null,
      ring.share_of_all_uses ? fact(`${share(ring.share_of_all_uses)} %`, "of all requests") : null,
      fact(span(ring.first_seen, ring.last_seen), "active"),
      ring.current ? null : h("span", { class: "wrong" }, "The published run did not find it again.")));
}

function legend() {
  const { totals, folded, bundles } = drawing;
  const drawn = drawing.nodes.filter((node) => node.kind === "bundle");
  const inBundles = drawn.reduce((sum, node) => sum + node.accounts, 0);
  const rest = inBundles < totals.accounts ? `; ${number(totals.accounts - inBundles)} in ${bundles > drawn.length ? `${number(bundles - drawn.length)} smaller ones or none` : "none"}` : "";
  const note = folded
    ? `Folded: ${number(inBundles)} of ${number(totals.accounts)} accounts in ${number(drawn.length)} bundles with the same ${FOLDS[drawing.fold] ?? "identifiers"}${rest}. Double-click one to open it.`
    : `${number(totals.accounts)} accounts, ${number(totals.identifiers)} identifiers, ${number(totals.links)} links`;
  drawLegend(part("legend"), graph, note, tools.update);
}

async function open(node) {
  try {
    if (node.kind === "bundle" || node.kind === "rest") {
      const inside = await get(`${ringPath(id)}/graph`, node.kind === "bundle" ? { open: node.identifiers } : { rest: true });
      await graph.unfold(node.id, inside);
      const shown = inside.nodes.filter((one) => one.kind === "account").length;
      if (node.accounts > shown) toast(`${number(shown)} of ${number(node.accounts)} accounts are drawn: those with the highest and those with the lowest risk. All are in the table below.`);
    } else if (node.kind === "account") {
      const added = await graph.unfold(node.id, await get(`${accountPath(node.id)}/graph`));
      if (!added) toast("Everything that it is linked to is drawn.");
    }
    legend();
    tools.update();
  } catch (error) {
    toast(error.message);
  }
}

async function find(account) {
  if (graph.has(account)) return graph.select(account);
  try {
    const around = await get(`${accountPath(account)}/graph`);
    await graph.add(around);
    legend();
    graph.select(account);
    part("graph").scrollIntoView({ block: "center", behavior: "smooth" });
  } catch (error) {
    toast(error.message);
  }
}

async function loadGraph() {
  const over = h("div", { class: "over" }, "Reading the ring…");
  part("graph").append(over);
  try {
    drawing = await get(`${ringPath(id)}/graph`);
    over.remove();
    await graph.draw(drawing);
    legend();
    tools.update();
    document.body.dataset.drawn = graph.cy.elements().length;
  } catch (error) {
    over.replaceChildren(h("p", {}, error.message), h("button", { type: "button", onclick: () => { over.remove(); loadGraph(); } }, "Try again"));
  }
}

async function reload() {
  ring = await get(ringPath(id));
  drawHead();
  await drawHistory(part("history"), id, reload);
}

const PANELS = [["members", "Members"], ["history", "History and journal"]];

const pickedShown = () => drawPicked(part("picked"), ring, graph.selected(), { open, done: reload });
graph = new RingGraph(part("graph"), { picked: () => { pickedShown(); tools.update(); }, opened: open });
const tools = drawTools(part("tools"), part("slider"), graph, "Ring", () => ring.id);

try {
  const drawn = loadGraph();
  ring = await get(ringPath(id));
  drawHead();
  drawTabs(part("tabs"), PANELS, "members");
  drawReasons(part("reasons"), ring.reasons, ring.score, "Why it is a ring");
  pickedShown();
  await drawn; // what follows is below the graph, and would make the database slower with it
  new MembersTable(part("members"), id, ring.size, { show: find, changed: reload });
  const missing = (name) => (error) => part(name).append(h("p", { class: "wrong" }, error.message)); // the rest stays
  get(`${ringPath(id)}/timeline`).then((timeline) => drawTimeline(part("timeline"), timeline)).catch(missing("timeline"));
  await drawHistory(part("history"), id, reload).catch(missing("history"));
} catch (error) {
  part("ring").replaceChildren(notice(error.status === 404 ? "There is no such ring" : "The ring can't be shown", h("p", {}, error.message), h("p", {}, h("a", { href: "/" }, "All rings"))));
}
