// The table of members: only the rows in sight exist, pages are fetched as they come into sight.

import { get, ringPath } from "./api.js";
import { setLabel } from "./decide.js";
import { h, moment, number, toast } from "./dom.js";

const ROW = 38;
const PAGE = 200;
const MOST = 1000; // that can be labelled at once
const TOO_MANY = `At most ${number(MOST)} accounts can be selected at once.`;
const COLUMNS = [["id", "Account"], ["created_at", "Created"], ["strength", "Belongs"], ["risk", "Risk"], ["links", "Identifiers"], ["label", "Label"]];

export class MembersTable {
  constructor(place, ring, total, { show, changed }) {
    Object.assign(this, { ring, total, show, changed, sort: "strength", order: "desc", pages: new Map(), picked: new Map(), at: 0, last: null });
    this.head = h("div", { class: "m-row m-head", role: "row" });
    this.bar = h("div", { class: "bulk", hidden: true });
    this.trouble = h("p", { class: "wrong inset", role: "alert", hidden: true });
    this.space = h("div", { class: "m-space" });
    this.view = h("div", { class: "m-view", tabindex: "0", role: "table", "aria-label": "Members", "aria-rowcount": total }, this.space);
    this.space.style.height = `${total * ROW}px`;
    this.view.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()));
    this.view.addEventListener("keydown", (event) => this.#key(event));
    place.replaceChildren(this.bar, this.head, this.trouble, this.view);
    this.#drawHead();
    this.draw();
    new ResizeObserver(() => this.draw()).observe(this.view);
  }

  #drawHead() {
    this.head.replaceChildren(h("span"), ...COLUMNS.map(([name, title]) => {
      if (name === "links") return h("span", { role: "columnheader", class: "number wide m-plain" }, title);
      const on = name === this.sort;
      return h("button", {
        type: "button", role: "columnheader", class: `m-sort quiet ${name === "strength" || name === "risk" ? "number" : ""} ${name === "created_at" || name === "label" ? "wide" : ""}`,
        "aria-sort": on ? (this.order === "desc" ? "descending" : "ascending") : "none",
        onclick: () => this.#sortBy(name),
      }, `${title}${on ? (this.order === "desc" ? " ↓" : " ↑") : ""}`);
    }));
  }

  #sortBy(name) {
    this.order = this.sort === name && this.order === "desc" ? "asc" : "desc";
    this.sort = name;
    this.reload();
  }

  reload() {
    this.pages = new Map(); // answers that are under way are not of these
    this.trouble.hidden = true;
    this.last = null;
    this.#drawHead();
    this.draw();
  }

  #page(index) {
    if (this.pages.has(index)) return this.pages.get(index);
    this.pages.set(index, null);
    const pages = this.pages;
    this.#fetched(index)
      .then((members) => { pages.set(index, members); if (pages === this.pages) this.draw(); })
      .catch((error) => { if (pages === this.pages) this.#failed(error.message); });
    return null;
  }

  async #fetched(index) {
    return (await get(`${ringPath(this.ring)}/members`, { sort: this.sort, order: this.order, offset: index * PAGE, limit: PAGE })).members;
  }

  /** Says why rows are missing; they are asked for again by the button, not with each move. */
  #failed(why) {
    this.trouble.replaceChildren(`${why} `, h("button", { type: "button", onclick: () => this.reload() }, "Try again"));
    this.trouble.hidden = false;
  }

  draw() {
    const first = Math.max(0, Math.floor(this.view.scrollTop / ROW) - 4);
    const last = Math.min(this.total, first + Math.ceil(this.view.clientHeight / ROW) + 8);
    const rows = [];
    for (let n = first; n < last; n += 1) {
      const member = this.#page(Math.floor(n / PAGE))?.[n % PAGE];
      const row = member ? this.#row(member, n) : h("div", { class: "m-row", role: "row" }, h("span"), h("span", { class: "skeleton" }));
      row.style.top = `${n * ROW}px`;
      rows.push(row);
    }
    this.space.replaceChildren(...rows);
    this.#drawBar();
  }

  #row(member, n) {
    return h("div", { class: `m-row ${n === this.at ? "at" : ""}`, role: "row", "aria-rowindex": n + 1 },
      h("span", {}, h("input", { type: "checkbox", checked: this.picked.has(member.id), "aria-label": `Select ${member.id}`, onclick: (event) => this.#pick(member, n, event.shiftKey) })),
      h("span", { class: "m-id" }, h("a", { href: `/accounts/${encodeURIComponent(member.id)}`, title: member.id }, member.id),
        h("button", { type: "button", class: "quiet icon", title: "Show in the graph", "aria-label": `Show ${member.id} in the graph`, onclick: () => this.show(member.id) }, "◎")),
      h("span", { class: "wide muted" }, moment(member.created_at)),
      h("span", { class: "number" }, member.strength === null ? "–" : member.strength.toFixed(2)),
      h("span", { class: "number" }, member.risk === null ? "–" : member.risk.toFixed(2)),
      h("span", { class: "number wide" }, number(member.links)),
      h("span", { class: "wide" }, member.label ? h("span", { class: `badge ${member.label}` }, member.label) : ""));
  }

  /** With Shift, all rows from the one that was picked last on. */
  #pick(member, n, range) {
    if (range && this.last !== null) return this.#pickTo(n);
    if (!this.picked.delete(member.id)) this.picked.set(member.id, member.label);
    this.last = n;
    this.#drawBar();
  }

  async #pickTo(n) {
    const [first, last] = [Math.min(n, this.last), Math.max(n, this.last)];
    try {
      if (last - first >= MOST) throw new Error(TOO_MANY);
      const picked = new Map([...this.picked, ...(await this.#rows(first, last)).map((member) => [member.id, member.label])]);
      if (picked.size > MOST) throw new Error(TOO_MANY);
      Object.assign(this, { picked, last: n });
    } catch (error) {
      toast(error.message);
    }
    this.draw();
  }

  async #rows(first, last) {
    const { pages } = this;
    for (let index = Math.floor(first / PAGE); index <= Math.floor(last / PAGE); index += 1) {
      if (!pages.get(index)) pages.set(index, await this.#fetched(index));
    }
    return Array.from({ length: last - first + 1 }, (_, at) => pages.get(Math.floor((first + at) / PAGE))[(first + at) % PAGE]).filter(Boolean);
  }

  #drawBar() {
    const done = () => { this.picked.clear(); this.reload(); return this.changed(); };
    this.bar.hidden = !this.picked.size;
    this.bar.replaceChildren(h("strong", {}, `${number(this.picked.size)} selected`),
      h("button", { type: "button", onclick: () => setLabel(new Map(this.picked), "fraud", done) }, "Label as fraud"),
      h("button", { type: "button", onclick: () => setLabel(new Map(this.picked), "legitimate", done) }, "Label as legitimate"),
      h("button", { type: "button", class: "quiet", onclick: () => { this.picked.clear(); this.draw(); } }, "Clear selection"));
  }

  #key(event) {
    if (event.target !== this.view) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    const member = this.pages.get(Math.floor(this.at / PAGE))?.[this.at % PAGE];
    if (step) {
      event.preventDefault();
      this.at = Math.max(0, Math.min(this.total - 1, this.at + step));
      const top = this.at * ROW;
      if (top < this.view.scrollTop) this.view.scrollTop = top;
      if (top + ROW > this.view.scrollTop + this.view.clientHeight) this.view.scrollTop = top + ROW - this.view.clientHeight;
      this.draw();
    } else if (event.key === "Enter" && member) location.assign(`/accounts/${encodeURIComponent(member.id)}`);
    else if (event.key === " " && member) { event.preventDefault(); this.#pick(member, this.at, event.shiftKey); this.draw(); }
  }
}

