// The message field: Enter sends, "/" and "@" in front offer completions, and what was begun waits until one comes back.

import { byId, el } from "./dom.js";

/** The field, its completions and its drafts. */
export class Composer {
  #page;
  #field = byId("composer");
  #list = byId("completions");
  #drafts = new Map();
  #where = "";
  #offers = [];
  #at = -1;

  constructor(page) {
    this.#page = page;
    byId("composer-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#field.addEventListener("input", () => this.#changed());
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#field.addEventListener("blur", () => this.#offer([]));
  }

  /** Be the field of another place; what was begun there is still there. */
  show(where, label, tries, bot) {
    this.#offers = [...tries.commands, `@${bot} `];
    const placeholder = `Message ${label}`;
    byId("composer-label").textContent = placeholder;
    this.#field.placeholder = placeholder;
    if (where === this.#where) return;
    this.#drafts.set(this.#where, this.#field.value);
    this.#where = where;
    this.#write(this.#drafts.get(where) ?? "");
    this.#offer([]);
  }

  /** Put words into the field, ready to be sent. */
  fill(words) {
    this.#write(words);
    this.#field.focus();
    this.#field.setSelectionRange(words.length, words.length);
  }

  async #send() {
    const text = this.#field.value.trim();
    if (!text) return;
    this.#write("");
    this.#offer([]);
    const said = await this.#page.say(text);
    if (said === undefined && !this.#field.value) this.#write(text); // it was refused: nothing typed is lost
  }

  #key(event) {
    if (event.isComposing) return;
    const open = !this.#list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (open && step) {
      const count = this.#list.children.length;
      this.#mark((this.#at + step + count + (this.#at < 0 && step < 0 ? 1 : 0)) % count);
    } else if (open && event.key === "Escape") this.#offer([]);
    else if (open && this.#at >= 0 && (event.key === "Enter" || event.key === "Tab")) this.#pick(this.#list.children[this.#at].textContent);
    else if (event.key === "Enter" && !event.shiftKey) this.#send();
    else return;
    event.preventDefault();
  }

  #changed() {
    this.#resize();
    const typed = this.#field.value.toLowerCase();
    const begins = typed.startsWith("/") || typed.startsWith("@");
    this.#offer(begins ? this.#offers.filter((offer) => offer.toLowerCase().startsWith(typed) && offer.toLowerCase() !== typed) : []);
  }

  #offer(offers) {
    this.#at = -1;
    const pressed = (offer) => (event) => {
      event.preventDefault(); // the focus stays in the field
      this.#pick(offer);
    };
    this.#list.replaceChildren(
      ...offers.map((offer, index) => el("li", { role: "option", id: `completion-${index}`, "aria-selected": "false", text: offer, onmousedown: pressed(offer) })),
    );
    this.#list.hidden = offers.length === 0;
    this.#field.removeAttribute("aria-activedescendant");
  }

  #mark(index) {
    this.#at = index;
    for (const [number, node] of [...this.#list.children].entries()) node.setAttribute("aria-selected", String(number === index));
    this.#field.setAttribute("aria-activedescendant", `completion-${index}`);
  }

  #pick(offer) {
    this.fill(offer);
    this.#changed();
  }

  #write(text) {
    this.#field.value = text;
    this.#resize();
  }

  #resize() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${Math.min(this.#field.scrollHeight, 160)}px`;
  }
}
