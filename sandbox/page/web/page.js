// The page as a whole: one state, read anew whenever the bell rings, drawn by the parts; and the person who was picked, kept in the
// address (#UMAYA, or #UMAYA/C0GENERAL), so that a reload or a bookmark brings the same view.

import { Refusal, act, listen, readState } from "./api.js";
import { Chat, places, standing } from "./chat.js";
import { Composer } from "./composer.js";
import { avatar, byId, el, reconcile, toast } from "./dom.js";
import { Inbox } from "./inbox.js";
import { Modal } from "./modal.js";
import { Okta } from "./okta.js";
import { Phone } from "./phone.js";
import { Tabs } from "./tabs.js";
import { Tools } from "./tools.js";

const STEP = 30_000; // milliseconds for which a code is shown (RFC 6238)

class Page {
  world = { me: "", names: {}, channels: {}, people: [], now: new Date() };
  #data = null;
  #person = "";
  #place = "";
  #inSight = ""; // whom the list of people was last scrolled to
  #lead = 0; // milliseconds by which the twin's clock is ahead of this machine's
  #reading = false;
  #again = false;
  #chat = new Chat(this);
  #composer = new Composer(this);
  #modal = new Modal(this);
  #okta = new Okta();
  #phone = new Phone();
  #inbox = new Inbox();
  #tabs = new Tabs();
  #tools = new Tools();
  #step = 0;

  start() {
    this.#follow();
    window.addEventListener("hashchange", () => {
      this.#follow();
      this.refresh();
    });
    setInterval(() => this.#clock(), 1000);
    listen(() => this.refresh(), (heard) => (byId("offline").hidden = heard));
  }

  /** Read everything and draw it; while that goes on, further wishes count as one. */
  async refresh() {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        await this.#read();
      }
    } finally {
      this.#reading = false;
    }
  }

  /** Do something as the person who was picked. */
  async act(name, body) {
    const answer = await act(this.#person, name, body);
    this.refresh();
    return answer;
  }

  say(text) {
    return this.act("say", { channel: this.#here().channel.id, text });
  }

  compose(words) {
    this.#composer.fill(words);
  }

  goTo(place) {
    location.hash = `${this.#person}/${place}`;
    if (place === "home") this.act("open-home");
  }

  redraw() {
    const { slack, okta, tries, phone, inbox } = this.#data;
    const place = this.#here();
    this.world = {
      me: this.#person,
      names: slack.names,
      channels: Object.fromEntries(slack.channels.map((channel) => [channel.id, channel.name])),
      people: slack.people,
      now: this.#now(),
    };
    document.title = `${slack.me.name} · Unlatch demo`;
    this.#people(slack);
    this.#chat.show(this.#data, this.#person, place);
    const label = place.channel.kind === "im" ? slack.bot.name : `#${place.channel.name}`;
    this.#composer.show(`${this.#person}/${place.id}`, label, tries, slack.bot.name);
    this.#modal.show(slack);
    this.#okta.show(okta, this.#person, this.#now());
    this.#tabs.count("phone", this.#phone.show(phone, slack.me), "waiting");
    this.#tabs.count("inbox", this.#inbox.show(inbox, slack.me, this.#now()), "unread");
    this.#tools.show(this.#data);
  }

  async #read() {
    const asked = this.#person;
    let data;
    try {
      data = await readState(asked);
    } catch (error) {
      this.#unread(asked, error);
      return;
    }
    if (asked !== this.#person) return; // somebody else was picked meanwhile
    this.#data = data;
    this.#person = data.slack.me.id;
    this.#lead = new Date(data.now) - Date.now();
    this.redraw();
    this.#clock();
  }

  #unread(asked, error) {
    if (!(error instanceof Refusal)) return; // nobody answers; the bell tells of that
    toast(error.message, { bad: true });
    this.#person = this.#data?.slack.me.id ?? "";
    this.#again = asked !== this.#person; // the address names nobody: back to whom it was, or to the star
  }

  #follow() {
    const [person, place] = decodeURIComponent(location.hash.slice(1)).split("/");
    this.#person = person || this.#data?.star || "";
    this.#place = place ?? "";
  }

  /** The conversation in front: the one in the address, else the chat with the bot, else the first. */
  #here() {
    const all = places(this.#data.slack);
    return all.find((one) => one.id === this.#place) ?? all[0];
  }

  #people(slack) {
    const groups = [
      { title: "", people: slack.people.filter((one) => one.standing === "member") },
      { title: "Guests and partners", people: slack.people.filter((one) => one.standing !== "member") },
    ];
    const items = groups.flatMap((group) => [...(group.title && group.people.length ? [group] : []), ...group.people]);
    const pick = (id) => () => (location.hash = id);
    const build = (one) =>
      one.people
        ? el("li", { class: "rail-group", text: one.title })
        : el(
            "li",
            {},
            el(
              "button",
              { type: "button", class: "person", "aria-current": one.id === this.#person ? "true" : undefined, data: { control: "pick" }, onclick: pick(one.id) },
              avatar(one.id, one.name),
              el("span", { class: "person-words" }, el("span", { class: "person-name", text: one.name }), el("span", { class: "person-title", text: one.title || one.handle }), standing(one)),
            ),
          );
    reconcile(byId("people"), items, { key: (one) => one.id ?? one.title, build, same: (one) => [one, one.id === this.#person] });
    if (this.#inSight !== this.#person) byId("people").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#inSight = this.#person;
  }

  #now() {
    return new Date(Date.now() + this.#lead);
  }

  #clock() {
    const now = this.#now();
    byId("now").textContent = now.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
    this.#phone.tick(now);
    const step = Math.floor(now / STEP);
    if (this.#step && step !== this.#step) this.refresh(); // the codes on the phone are others now, and old prompts are gone
    this.#step = step;
  }
}

new Page().start();
