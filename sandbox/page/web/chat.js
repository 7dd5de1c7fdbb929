// The middle of the page: conversations, messages, the Home tab, and what Slack itself says.

import { draw } from "./blocks.js";
import { avatar, byId, el, icon, reconcile } from "./dom.js";
import { mrkdwn, nearDay } from "./mrkdwn.js";
import { flags } from "./okta.js";
import { homeSurface, messageSurface } from "./surfaces.js";

const TOGETHER = 300; // seconds within which messages of one person stand under one name
const NEAR = 120; // pixels from the end within which the newest message is kept in sight

/** The conversations a person can pick: their chat with the bot first, its Home tab if it has one, then the channels. */
export function places(slack) {
  return slack.channels.flatMap((channel) =>
    channel.kind === "im"
      ? [
          { id: channel.id, label: slack.bot.name, sign: "latch", channel },
          ...(slack.bot.home_tab ? [{ id: "home", label: "Home", sign: "home", channel }] : []),
        ]
      : [{ id: channel.id, label: channel.name, sign: channel.kind === "group" ? "lock" : "", channel }],
  );
}

/** Draws the chat of one person. */
export class Chat {
  #page;
  #dismissed = new Map(); // how many of Slack's own words each person has put away
  #seen = new Map(); // the newest message that was in front, by person and place
  #shown = "";

  constructor(page) {
    this.#page = page;
  }

  show({ slack, okta, tries }, person, place) {
    const all = places(slack);
    const stays = `${person}/${place.id}` === this.#shown && !isAtEnd(); // somebody reads further up: that stays in sight
    this.#channels(all, person, place);
    const home = place.id === "home";
    byId("composer-form").hidden = home;
    byId("home").hidden = !home;
    byId("messages").hidden = home;
    byId("welcome").hidden = home || place.channel.messages.length > 0;
    byId("channel-note").hidden = home || place.channel.has_bot;
    byId("channel-note").textContent = `${slack.bot.name} is not in this channel and hears nothing here.`;
    if (home) this.#home(slack.home, slack.bot.name);
    else {
      this.#welcome(slack, okta, tries, place);
      this.#messages(place, person);
    }
    this.#notices(slack.notices, person);
    if (!home && !stays) byId("scroll").scrollTop = byId("scroll").scrollHeight; // last, for a notice makes the room smaller
  }

  #channels(all, person, place) {
    const hasNews = (one) => this.#hasNews(one, `${person}/${one.id}`, one.id === place.id);
    const build = (one) =>
      el(
        "button",
        { type: "button", "aria-pressed": String(one.id === place.id), data: { control: one.id }, onclick: () => this.#page.goTo(one.id) },
        one.sign ? icon(one.sign) : el("span", { class: "hash", "aria-hidden": "true", text: "#" }),
        one.label,
        one.channel.is_shared && one.id !== "home" && one.channel.kind !== "im" && el("span", { class: "badge", text: "shared" }),
        hasNews(one) && el("span", { class: "news" }, el("span", { class: "unseen", text: " (new)" })),
      );
    reconcile(byId("channels"), all, { key: (one) => one.id, build, same: (one) => [one.label, one.id === place.id, hasNews(one)] });
  }

  #hasNews(one, where, isHere) {
    if (one.id === "home") return false;
    const newest = one.channel.messages.at(-1)?.ts ?? "";
    if (isHere || !this.#seen.has(where)) this.#seen.set(where, newest);
    return newest > this.#seen.get(where);
  }

  #home(view, bot) {
    const empty = { id: "none", hash: "" };
    const build = (one) => {
      if (one === empty) return el("p", { class: "nothing-here", text: `${bot} has nothing on its Home tab.` });
      return el("div", { class: "home-view" }, draw(one.blocks, homeSurface(this.#page, one)));
    };
    reconcile(byId("home"), [view ?? empty], { key: (one) => one.id, build, same: (one) => one.hash });
  }

  #welcome(slack, okta, tries, place) {
    const account = okta.people.find((one) => one.slackId === slack.me.id);
    const inDm = place.channel.kind === "im";
    const status = account && inDm ? `${slack.me.name}'s Okta account is ${[account.status, ...flags(account)].join(" and ")}. ` : "";
    const lead = inDm ? `${status}Say what is wrong, in your own words, or try one of these.` : "Nothing was said here yet. You could try one of these.";
    const offers = (place.channel.has_bot ? tries[inDm ? "im" : "channel"] : []).map((words) =>
      el("button", { type: "button", class: "offer", text: words, onclick: () => this.#page.compose(words) }),
    );
    const title = inDm ? `This is your chat with ${slack.bot.name}` : `#${place.channel.name}`;
    const build = () => el("div", {}, inDm && avatar("", "", { bot: true }), el("h2", { text: title }), el("p", { text: lead }), el("div", { class: "offers" }, offers));
    reconcile(byId("welcome"), [place.id + lead], { key: (one) => one, build });
  }

  #messages(place, person) {
    const log = byId("messages");
    const where = `${person}/${place.id}`;
    const other = where !== this.#shown;
    if (other) log.replaceChildren();
    log.setAttribute("aria-live", other ? "off" : "polite"); // what was said before is not news
    const items = this.#items(place.channel.messages);
    const build = (item, old) => (item.day ? el("h3", { class: "day" }, el("span", { text: item.day })) : this.#message(item, place.channel, { isNews: !other, isChange: Boolean(old) }));
    reconcile(log, items, { key: (item) => item.ts ?? item.key, build, same: ({ inputs, ...rest }) => rest });
    this.#shown = where;
  }

  #items(messages) {
    const items = [];
    let before = null;
    for (const message of messages) {
      const at = new Date(Number(message.ts) * 1000);
      if (before?.date !== at.toDateString()) {
        const near = nearDay(at, this.#page.world.now);
        const day = near ? near[0].toUpperCase() + near.slice(1) : at.toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" });
        items.push({ day, key: at.toDateString() });
        before = null;
      }
      const together = before !== null && before.user === message.user.id && Number(message.ts) - before.ts < TOGETHER;
      items.push({ ...message, continued: together && !message.ephemeral && !message.is_bot });
      before = { user: message.ephemeral ? "" : message.user.id, ts: Number(message.ts), date: at.toDateString() };
    }
    return items;
  }

  #message(message, channel, { isNews, isChange }) {
    const kinds = ["message", message.ephemeral && "ephemeral", message.continued && "continued", isNews && (isChange ? "changed" : "fresh")];
    const isCard = message.is_bot && message.blocks.some((block) => block.type === "header");
    const surface = messageSurface(this.#page, channel, message);
    const content = message.blocks.length ? draw(message.blocks, surface) : el("div", { class: "b-text" }, mrkdwn(message.text, this.#page.world));
    const inThread = message.thread_ts && message.thread_ts !== message.ts;
    return el(
      "article",
      { class: kinds.filter(Boolean).join(" "), "aria-label": `${message.user.name}, ${clock(message.ts)}` },
      avatar(message.user.id, message.user.name, { bot: message.is_bot }),
      el(
        "div",
        { class: "message-body" },
        message.ephemeral && el("p", { class: "only-you" }, icon("eye"), "Only visible to you"),
        el("p", { class: "byline" }, el("strong", { text: message.user.name }), message.is_bot && el("span", { class: "badge", text: "APP" }), standing(message.user), el("time", { text: clock(message.ts) }), inThread && el("span", { class: "aside", text: "in a thread" })),
        el("div", { class: isCard ? "blocks card" : "blocks" }, content),
        message.edited && el("span", { class: "aside", text: "(edited)" }),
      ),
    );
  }

  #notices(notices, person) {
    const gone = this.#dismissed.get(person) ?? 0;
    const items = notices.map((words, number) => ({ words, number })).slice(gone > notices.length ? 0 : gone);
    const dismiss = () => {
      this.#dismissed.set(person, notices.length);
      this.#notices(notices, person);
      byId("composer").focus();
    };
    const build = ({ words }) =>
      el("p", { class: "notice" }, el("span", {}, el("strong", { text: "Slack: " }), words), el("button", { type: "button", class: "round", "aria-label": "Dismiss", onclick: dismiss }, icon("close")));
    reconcile(byId("notices"), items.slice(-3), { key: ({ number }) => `${person}-${number}`, build });
  }
}

/** Whether the newest message is in sight, or nearly so. */
function isAtEnd() {
  const { scrollHeight, scrollTop, clientHeight } = byId("scroll");
  return scrollHeight - scrollTop - clientHeight < NEAR;
}

/** What kind of account it is, where it is not simply a colleague's. */
export function standing(person) {
  return person.standing === "member" || person.standing === "bot" ? null : el("span", { class: "badge badge-odd", text: person.standing === "external" ? "partner" : person.standing });
}

const clock = (ts) => new Date(Number(ts) * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
