// The page as a whole: one state, read anew whenever the bell rings, drawn by the parts; and the person who was picked, kept in the
// address (#UMAYA, or #UMAYA/C0GENERAL), so that a reload or a bookmark brings the same view.

import { Refusal, act, change, listen, readState } from "./api.js";
import { Chat, places, standing } from "./chat.js";
import { Composer } from "./composer.js";
import { avatar, byId, el, reconcile, toast } from "./dom.js";
import { Modal } from "./modal.js";
import { Okta } from "./okta.js";

const PAUSE = 10; // minutes that the clock button lets pass

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

  start() {
    this.#follow();
    window.addEventListener("hashchange", () => {
      this.#follow();
      this.refresh();
    });
    byId("pass-time").addEventListener("click", () => change("time", { minutes: PAUSE }));
    this.#panes();
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
    const { slack, okta, tries, mischief } = this.#data;
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
    this.#okta.show(okta, this.#person);
    this.#mischief(mischief);
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

  #mischief(list) {
    const build = ({ id, label, about }) =>
      el("li", {}, el("button", { type: "button", onclick: () => this.#break(id) }, el("strong", { text: label }), el("span", { text: about })));
    reconcile(byId("mischief-list"), list, { key: (one) => one.id, build });
  }

  async #break(what) {
    byId("mischief").open = false;
    byId("mischief").querySelector("summary").focus();
    await change("mischief", { what });
  }

  #panes() {
    for (const button of document.querySelectorAll(".pane-switch button")) {
      button.addEventListener("click", () => {
        document.body.dataset.pane = button.dataset.pane;
        for (const one of document.querySelectorAll(".pane-switch button")) one.setAttribute("aria-pressed", String(one === button));
      });
    }
    document.addEventListener("click", (event) => {
      if (!byId("mischief").contains(event.target)) byId("mischief").open = false;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") byId("mischief").open = false;
    });
  }

  #now() {
    return new Date(Date.now() + this.#lead);
  }

  #clock() {
    byId("now").textContent = this.#now().toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  }
}

new Page().start();
