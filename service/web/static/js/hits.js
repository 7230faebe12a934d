// What a search found beside rings: accounts, identifiers and networks with their accounts, a decision.

import { KINDS, clipped, day, h, kind, levelBadge, moment, number } from "./dom.js";
import { drawReasons } from "./reasons.js";

function accountRow(account) {
  return h("li", {}, kind("account", h("a", { href: `/accounts/${encodeURIComponent(account.id)}` }, account.id)),
    account.label ? h("span", { class: `badge ${account.label}` }, account.label) : levelBadge(account.level),
    account.ring ? h("span", {}, "in ring ", h("a", { href: `/rings/${encodeURIComponent(account.ring)}` }, account.ring)) : h("span", { class: "muted" }, "in no ring"),
    h("span", { class: "muted" }, day(account.created_at)));
}

const HITS = 20; // accounts that a search lists at first
const accountList = (accounts) => h("ul", { class: "hit-list" }, ...accounts.map(accountRow));
const moreButton = (more) => h("button", { type: "button", onclick: more }, "Show more");

function accountsCard(accounts, more) {
  return h("section", { class: "card" }, h("h2", {}, accounts.length === 1 ? "Account" : "Accounts"), accountList(accounts), more && accounts.length >= HITS ? moreButton(more) : null);
}

function identifierCard(found, more) {
  const left = found.accounts > found.newest.length;
  return h("section", { class: "card" }, h("h2", {}, kind(found.kind, clipped(found.id, 44))),
    h("p", { class: "muted" }, `${KINDS[found.kind].one} with ${number(found.accounts)} ${found.accounts === 1 ? "account" : "accounts"}${left ? `, the newest ${number(found.newest.length)}:` : ""}`),
    accountList(found.newest), more && left ? moreButton(more) : null);
}

function decisionCard(decision) {
  const reasons = h("div");
  drawReasons(reasons, decision.reasons, decision.score, "Why");
  const search = (id) => h("a", { href: `/?q=${encodeURIComponent(id)}` }, clipped(id, 30));
  return h("section", { class: "card" }, h("h2", {}, `Decision ${decision.id}`),
    h("p", {}, `${moment(decision.at)}: ${decision.event}, ${Math.round(decision.score)} of 100, ${decision.action} `,
      decision.account ? h("a", { href: `/accounts/${encodeURIComponent(decision.account)}` }, decision.account) : ""),
    decision.inputs.length ? h("p", {}, ...decision.inputs.flatMap(([name, id]) => [kind(name, search(id)), " "])) : null, reasons);
}

/** Draws what was found, with buttons that call `more` for what it left out; returns whether there is anything. */
export function drawHits(place, { accounts, identifiers, decision }, more = null) {
  place.replaceChildren(...[
    decision ? decisionCard(decision) : null,
    accounts.length ? accountsCard(accounts, more) : null,
    ...identifiers.map((found) => identifierCard(found, more))].filter(Boolean));
  return place.childElementCount > 0;
}
