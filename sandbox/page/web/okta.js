// The right of the page: the people of the Okta org, its System Log, and what the bot asked of it.

import { change } from "./api.js";
import { byId, el, reconcile } from "./dom.js";
import { nearDay } from "./mrkdwn.js";

const PROVIDERS = { OKTA: "Okta", ACTIVE_DIRECTORY: "Active Directory", LDAP: "LDAP", FEDERATION: "Federated" };
export const TONES = { ACTIVE: "good", LOCKED_OUT: "bad", PASSWORD_EXPIRED: "warn", RECOVERY: "warn", SUSPENDED: "off", DEPROVISIONED: "off" };

/** Draws the org. */
export class Okta {
  #open = null; // the login whose details are shown; null stands for the person who was picked
  #person = "";
  #data = null;
  #now = new Date();
  #first = true;

  constructor() {
    for (const button of byId("log-switch").children) {
      button.addEventListener("click", () => this.#switchTo(button.dataset.shows));
    }
  }

  show(okta, person, now) {
    if (person !== this.#person) this.#open = null;
    this.#person = person;
    this.#now = now;
    this.#data = okta;
    byId("org-count").textContent = `${okta.people.length} people`;
    this.#accounts();
    const news = !this.#first;
    reconcile(byId("log"), [...okta.log].reverse(), { key: (entry) => entry.number, build: (entry) => logged(entry, news) });
    const names = Object.fromEntries(okta.people.map((one) => [one.id, one.name]));
    reconcile(byId("requests"), [...okta.requests].reverse(), { key: (call) => call.number, build: (call) => requested(call, names, news && !byId("requests").hidden) });
    if (!okta.requests.length) byId("requests").replaceChildren(el("li", { class: "nothing-here", text: "The bot has not asked Okta anything yet." }));
    this.#first = false;
  }

  #accounts() {
    const { people } = this.#data;
    const mine = people.filter((one) => one.slackId === this.#person);
    const shown = [...mine, ...people.filter((one) => one.slackId !== this.#person)];
    const isOpen = (one) => one.login === (this.#open ?? mine[0]?.login);
    const build = (one, old) => this.#account(one, isOpen(one), { isMine: mine.includes(one), old });
    reconcile(byId("accounts"), shown, { key: (one) => one.login, build, same: (one) => [one, isOpen(one), mine.includes(one)] });
  }

  #account(one, isOpen, { isMine, old }) {
    const changed = old && old.dataset.status !== one.status;
    const id = `account-${one.id}`;
    const toggle = () => {
      this.#open = isOpen ? "" : one.login;
      this.#accounts();
    };
    const head = el(
      "button",
      { type: "button", class: "account-head", "aria-expanded": String(isOpen), "aria-controls": id, data: { control: "toggle" }, onclick: toggle },
      el("span", { class: "account-name" }, one.name, isMine && el("span", { class: "badge", text: "you" })),
      el("span", { class: "account-provider", text: PROVIDERS[one.provider] ?? one.provider }),
      chip(one.status, TONES[one.status] ?? "info"),
      flags(one).map((flag) => el("span", { class: "flag", text: flag })),
    );
    return el(
      "li",
      { class: `account${isMine ? " mine" : ""}${changed ? " changed" : ""}`, data: { login: one.login, status: one.status } },
      head,
      isOpen && details(one, id, old, this.#now),
    );
  }

  #switchTo(name) {
    for (const button of byId("log-switch").children) button.setAttribute("aria-pressed", String(button.dataset.shows === name));
    byId("log").hidden = name !== "log";
    byId("requests").hidden = name !== "requests";
  }
}

/** What keeps somebody out that their status does not show. */
export function flags(one) {
  return [one.blocked && "blocked on new devices", one.lockedInDirectory && `locked in ${PROVIDERS[one.provider]}`].filter(Boolean);
}

/** What there is to know of an account; what has just changed draws the eye. */
function details(one, id, old, now) {
  const before = old ? Object.fromEntries([...old.querySelectorAll("dd")].map((node) => [node.dataset.fact, node.textContent])) : {};
  const rows = facts(one, now).flatMap(([name, value]) => {
    const node = el("dd", { data: { fact: name } }, value);
    if (before[name] !== undefined && before[name] !== node.textContent) node.className = "fresh";
    return [el("dt", { text: name }), node];
  });
  const button = (label, name) => el("button", { type: "button", class: "small", data: { control: name }, text: label, onclick: () => change(name, { login: one.login }) });
  return el(
    "div",
    { class: "account-more", id },
    el("dl", {}, rows),
    el("div", { class: "account-acts" }, button("Try to sign in", "sign-in"), button("Mistype the password until locked", "mistype")),
  );
}

function facts(one, now) {
  const factors = one.enrolled.map((factor) => el("span", { class: "factor", text: factor.device ? `${factor.name} (${factor.device})` : factor.name }));
  return [
    ["Login", one.login],
    ["Password", one.passwordChanged ? `changed ${when(one.passwordChanged, now)}` : "never set in Okta"],
    ["Factors", factors.length ? factors : "none"],
    ["Sessions", one.sessions ? `${one.sessions} open` : "none"],
    ...(one.roles.length ? [["Roles", one.roles.join(", ")]] : []),
  ];
}

function when(iso, now) {
  const at = new Date(iso);
  const day = nearDay(at, now);
  return day ? `${day} at ${at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })}` : at.toLocaleDateString(undefined, { day: "numeric", month: "long", year: "numeric" });
}

/** A word on a colour; the word alone says everything. */
export function chip(word, tone) {
  return el("span", { class: `chip chip-${tone}`, text: word });
}

function logged(entry, isNews) {
  const { actor, target, outcome } = entry;
  const who = target?.length ? `${actor.displayName} → ${target.map((one) => one.displayName).join(", ")}` : actor.displayName;
  const reason = outcome.reason !== outcome.result && outcome.reason;
  return el(
    "li",
    { class: isNews ? "entry fresh" : "entry", title: entry.eventType },
    el("span", { class: "entry-what", text: entry.displayMessage }),
    chip(outcome.result, outcome.result === "SUCCESS" ? "good" : "bad"),
    el("span", { class: "entry-who", text: who }),
    moment(entry.published),
    reason && el("span", { class: "entry-why", text: reason }),
  );
}

function requested(call, names, isNews) {
  const path = call.path.split("/").map((part) => (names[part] ? [el("span", { class: "mention", text: names[part] })] : part));
  const tone = call.status === null ? "warn" : call.status < 400 ? "good" : "bad";
  return el(
    "li",
    { class: isNews ? "entry request fresh" : "entry request" },
    el("code", { class: "entry-what" }, `${call.method} `, path.flatMap((part, index) => (index ? ["/", el("wbr"), part] : [part]))),
    moment(call.at),
    chip(call.status === null ? "no answer" : String(call.status), tone),
  );
}

function moment(iso) {
  const at = new Date(iso);
  const recent = Math.abs(Date.now() - at) < 20 * 3_600_000;
  const day = recent ? "" : `${at.toLocaleDateString(undefined, { day: "numeric", month: "short" })}, `;
  return el("time", { datetime: iso, text: day + at.toLocaleTimeString() });
}
