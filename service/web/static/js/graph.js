// A graph of accounts and identifiers on Cytoscape.js: drawing, folding out, hiding, pinning, paths and time.
/* global cytoscape */

import { IDENTIFIERS } from "/kinds.js";
import { number } from "./dom.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const SHAPES = { account: "ellipse", bundle: "ellipse", rest: "ellipse" };
const COLOURS = { account: "account", bundle: "account", rest: "rest" };
for (const [name, { shape }] of Object.entries(IDENTIFIERS)) {
  SHAPES[name] = shape;
  COLOURS[name] = `kind-${name}`;
}

const LEGIBLE = 0.7; // zoom from which names can be read

function style() {
  const text = css("text");
  const kinds = Object.keys(SHAPES).map((kind) => ({
    selector: `node[kind="${kind}"]`, style: { shape: SHAPES[kind], "background-color": css(COLOURS[kind]), "border-color": css(COLOURS[kind]) },
  }));
  return [
    { selector: "node", style: { width: "data(size)", height: "data(size)", label: "data(name)", color: text, "font-family": "Inter, sans-serif", "font-size": 9, "min-zoomed-font-size": 8, "text-valign": "bottom", "text-margin-y": 3, "text-outline-color": css("card"), "text-outline-width": 2, "border-width": 0 } },
    ...kinds,
    { selector: 'node[kind="bundle"], node[kind="rest"]', style: { "background-opacity": .22, "border-width": 2.5, "text-valign": "center", "text-margin-y": 0, "font-size": 17, "min-zoomed-font-size": 7, "font-weight": 600, "text-outline-width": 0 } },
    { selector: 'node[kind="rest"]', style: { "border-style": "dashed" } },
    { selector: 'node[kind="account"]', style: { label: "" } },
    { selector: 'node.far[kind!="bundle"][kind!="rest"]', style: { label: "" } },
    { selector: 'node[mark="fraud"]', style: { "border-width": 3, "border-color": css("critical") } },
    { selector: 'node[mark="legitimate"]', style: { "border-width": 3, "border-color": css("low") } },
    { selector: ".self", style: { width: 26, height: 26, label: "data(name)", "border-width": 4, "border-color": text } },
    { selector: "edge", style: { width: "data(width)", "line-color": css("edge"), "curve-style": "haystack", opacity: .55 } },
    { selector: ".pinned", style: { "border-width": 3, "border-color": text, "border-style": "solid" } },
    { selector: ".dim", style: { opacity: .13, label: "" } },
    { selector: ".near", style: { "line-color": css("accent"), opacity: .95 } },
    { selector: "node.near, node:selected", style: { label: "data(name)", "z-index": 9 } },
    { selector: "node:selected", style: { "border-width": 3, "border-color": css("accent"), "border-style": "solid", "overlay-color": css("accent"), "overlay-opacity": .12, "overlay-padding": 5 } },
    { selector: "edge.path", style: { "line-color": css("critical"), width: 4, opacity: 1 } },
    { selector: "node.path", style: { "border-width": 3, "border-color": css("critical"), label: "data(name)" } },
    { selector: ".hidden, .off, .later", style: { display: "none" } },
  ];
}

const short = (id) => (id.length > 15 ? `${id.slice(0, 9)}…${id.slice(-4)}` : id);

const bundleSize = (accounts) => 24 + Math.min(44, Math.sqrt(accounts) * 2.2);

function nodeElement(node, degree) {
  const many = node.accounts ?? node.members ?? degree ?? 1;
  const folded = node.kind === "bundle" || node.kind === "rest";
  const size = folded ? bundleSize(many) : node.kind === "account" ? 9 + Math.min(9, (degree ?? 1) * .9) : 13 + Math.min(26, Math.sqrt(many) * 2.4);
  return { group: "nodes", data: { ...node, mark: node.label, label: undefined, size, name: folded ? number(many) : short(node.id) } };
}

function linkElement(link) {
  const width = link.accounts > 1 ? Math.min(6, 1 + Math.log2(link.accounts) / 2) : 1.2;
  return { group: "edges", data: { ...link, id: `${link.source} > ${link.target}`, width } };
}

export class RingGraph {
  /** `picked(nodes)` is called when the selection changes, `opened(node)` for a double click. */
  constructor(container, { picked, opened }) {
    this.cy = cytoscape({ container, style: style(), minZoom: .08, maxZoom: 6, boxSelectionEnabled: true, selectionType: "single" });
    this.bundles = new Map();
    this.off = new Set(); // kinds that are not shown
    this.cy.on("select unselect", "node", () => { this.#near(); clearTimeout(this.said); this.said = setTimeout(() => picked(this.selected()), 20); });
    this.cy.on("dbltap", "node", (event) => opened(event.target.data()));
    this.cy.on("zoom", () => { clearTimeout(this.zoomed); this.zoomed = setTimeout(() => this.#names(), 60); });
    document.addEventListener("theme", () => this.cy.style(style()));
    document.addEventListener("labelled", ({ detail }) => detail.forEach((label, id) => this.cy.getElementById(id).data("mark", label)));
    this.#followPage(container);
  }

  /**
   * Cytoscape remembers where its container is until something scrolls or resizes. What is above it on the page may
   * change its height at any time, so the container's place is compared before Cytoscape hears of a pointer.
   */
  #followPage(container) {
    let known = container.getBoundingClientRect();
    const follow = () => {
      const now = container.getBoundingClientRect();
      if (now.top === known.top && now.left === known.left) return;
      known = now;
      this.cy.resize();
    };
    for (const name of ["pointerdown", "pointermove", "wheel"]) container.addEventListener(name, follow, { capture: true, passive: true });
  }

  /** Draws nodes and links in place of all that is there. */
  draw(drawing) {
    this.cy.elements().remove();
    this.bundles.clear();
    this.cy.add(this.#elements(drawing));
    return this.layout(true);
  }

  #elements({ nodes, links }) {
    const degree = new Map();
    for (const link of links) for (const end of [link.source, link.target]) degree.set(end, (degree.get(end) ?? 0) + 1);
    return [...nodes.map((node) => nodeElement(node, degree.get(node.id))), ...links.map(linkElement)];
  }

  layout(randomize) {
    if (this.shown().empty()) return Promise.resolve();
    const count = this.shown().nodes().length;
    const options = {
      name: "fcose", quality: count > 120 ? "default" : "proof", randomize, animate: !randomize && count < 250, animationDuration: 350, fit: true, padding: 36,
      nodeSeparation: 90, idealEdgeLength: (edge) => (edge.source().data("kind") === "account" ? 52 : 84), nodeRepulsion: 9000, edgeElasticity: .35, gravity: .28, numIter: count > 120 ? 1000 : 2500, packComponents: true,
    };
    const layout = this.shown().layout(options);
    const done = layout.promiseOn("layoutstop");
    layout.run();
    return done;
  }

  /** Puts the accounts of a bundle, or new neighbours, in the place of `node` (a bundle goes, an account stays). */
  async unfold(id, drawing) {
    const node = this.cy.getElementById(id);
    const at = { ...node.position() };
    const folded = node.data("kind") === "bundle";
    const known = new Set(this.cy.elements().map((element) => element.id()));
    const added = this.#elements(drawing).filter((element) => !known.has(element.data.id));
    const fresh = added.filter((element) => element.group === "nodes");
    for (const [n, element] of fresh.entries()) {
      const angle = (n / fresh.length) * 2 * Math.PI;
      element.position = { x: at.x + Math.cos(angle) * 70, y: at.y + Math.sin(angle) * 70 };
    }
    const present = new Set([...known, ...fresh.map((element) => element.data.id)]);
    if (folded) this.cy.nodes().unselect(); // what goes can't stay selected
    const removed = folded ? node.union(node.connectedEdges()).remove() : null;
    const inserted = this.cy.add(added.filter((element) => element.group === "nodes" || (present.has(element.data.source) && present.has(element.data.target) && element.data.source !== id)));
    for (const kind of this.off) this.toggleKind(kind, false);
    if (folded) this.bundles.set(id, { removed, inserted });
    await this.layout(false);
    return fresh.length;
  }

  /** Adds what is not drawn yet, and arranges. */
  add(drawing) {
    const known = new Set(this.cy.elements().map((element) => element.id()));
    this.cy.add(this.#elements(drawing).filter((element) => !known.has(element.data.id)));
    return this.layout(false);
  }

  /** Closes opened bundles again. */
  fold() {
    for (const { removed, inserted } of this.bundles.values()) { inserted.remove(); removed.restore(); }
    this.bundles.clear();
    return this.layout(false);
  }

  selected() { return this.cy.nodes(":selected").map((node) => node.data()); }
  select(id) { this.cy.nodes().unselect(); this.cy.getElementById(id).select(); }
  has(id) { return this.cy.getElementById(id).nonempty(); }

  /** Leaves names out where they would be too small to read (the canvas rounds sizes up to a power of two). */
  #names() {
    const far = this.cy.zoom() < LEGIBLE;
    this.cy.batch(() => this.cy.nodes().toggleClass("far", far));
  }

  #near() {
    const picked = this.cy.nodes(":selected");
    this.cy.batch(() => {
      this.cy.elements().removeClass("dim near path");
      if (picked.empty()) return;
      const near = picked.closedNeighborhood();
      this.cy.elements().not(near).addClass("dim");
      near.addClass("near");
    });
  }

  hide() { this.cy.nodes(":selected").addClass("hidden").unselect(); }
  hiddenCount() { return this.cy.nodes(".hidden").length; }
  showAll() { this.cy.elements().removeClass("hidden"); }

  pin() {
    const picked = this.cy.nodes(":selected");
    const all = picked.every((node) => node.hasClass("pinned"));
    picked.forEach((node) => { if (all) node.removeClass("pinned").unlock(); else node.addClass("pinned").lock(); });
  }

  /** Marks the shortest path between the two selected nodes. Returns its ids, or null. */
  path() {
    const [from, to] = this.cy.nodes(":selected").toArray();
    const found = this.shown().aStar({ root: from, goal: to });
    if (!found.found) return null;
    this.cy.batch(() => {
      this.cy.elements().removeClass("near").addClass("dim");
      found.path.removeClass("dim").addClass("path");
    });
    return found.path.nodes().map((node) => node.data("name") || node.id());
  }

  toggleKind(kind, on) {
    if (on) this.off.delete(kind); else this.off.add(kind);
    this.cy.nodes(`[kind="${kind}"]`).toggleClass("off", !on);
  }

  hasKind(kind) { return this.cy.nodes(`[kind="${kind}"]`).nonempty(); }
  isOff(kind) { return this.off.has(kind); }

  /** First and last moment of anything drawn, in milliseconds, or null. */
  times() {
    const times = this.cy.edges().map((edge) => Date.parse(edge.data("first_seen"))).filter(Number.isFinite);
    return times.length > 1 ? [Math.min(...times), Math.max(...times)] : null;
  }

  /** Shows only what was there at a moment: links by first_seen, nodes that have one of them, and bundles with the
   * accounts that were made by then. */
  until(moment) {
    this.cy.batch(() => {
      this.cy.edges().forEach((edge) => { edge.toggleClass("later", Date.parse(edge.data("first_seen")) > moment); });
      this.cy.nodes("[births]").forEach((node) => this.#grown(node, moment));
      this.cy.nodes("[!births]").forEach((node) => { node.toggleClass("later", node.connectedEdges().nonempty() && node.connectedEdges().not(".later").empty()); });
    });
  }

  #grown(node, moment) {
    const births = node.data("births");
    const count = Math.round((node.data("accounts") * births.filter((born) => born * 1000 <= moment).length) / births.length);
    node.data({ name: number(count), size: bundleSize(count) }).toggleClass("later", count === 0);
  }

  fit() { this.cy.animate({ fit: { eles: this.shown(), padding: 36 }, duration: 200 }); }
  zoom(factor) { this.cy.animate({ zoom: { level: this.cy.zoom() * factor, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } }, duration: 120 }); }

  /** What is not hidden, by class: Cytoscape's `:visible` lags behind within the tick that changed it. */
  shown() {
    const nodes = this.cy.nodes().not(".hidden, .off, .later");
    return nodes.union(nodes.edgesWith(nodes).not(".later"));
  }

  count() { const shown = this.shown(); return { nodes: shown.nodes().length, links: shown.edges().length }; }
  png() { return this.cy.png({ output: "blob-promise", full: true, scale: 2, maxWidth: 6000, maxHeight: 6000, bg: css("card") }); }
}
