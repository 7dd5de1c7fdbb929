// The panes beside the chat, one at a time; in a narrow window the chat is one of them.
// After the pattern of https://www.w3.org/WAI/ARIA/apg/patterns/tabs/: arrow keys move, and what they reach is shown.

import { byId, el } from "./dom.js";

const NARROW = matchMedia("(max-width: 760px)");
const PANELS = { org: "org", log: "log-pane", phone: "phone", inbox: "inbox" };

/** The tablist. */
export class Tabs {
  #side = "org";
  #chatInFront = true;
  #tabs = [...byId("tabs").children];

  constructor() {
    for (const tab of this.#tabs) {
      tab.addEventListener("click", () => this.#show(tab.dataset.pane));
      tab.addEventListener("keydown", (event) => this.#key(event, tab));
    }
    NARROW.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  /** Say on a tab how many things in it ask for attention; `words` says what they are. */
  count(pane, number, words) {
    const tab = byId(`tab-${pane}`);
    const said = number ? `${number} ${words}` : "";
    if ((tab.querySelector(".count")?.title ?? "") === said) return;
    tab.querySelector(".count")?.remove();
    if (number) tab.append(el("span", { class: "count", title: said }, String(number), el("span", { class: "unseen", text: ` ${words}` })));
  }

  #show(pane) {
    this.#chatInFront = pane === "chat";
    if (pane !== "chat") this.#side = pane;
    this.#draw();
  }

  #key(event, tab) {
    const there = this.#tabs.filter((one) => one.offsetParent !== null);
    const at = there.indexOf(tab);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: there.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const to = there[(next + there.length) % there.length];
    this.#show(to.dataset.pane);
    to.focus();
  }

  #draw() {
    const shown = NARROW.matches && this.#chatInFront ? "chat" : this.#side;
    document.body.dataset.front = this.#chatInFront ? "chat" : "side";
    for (const tab of this.#tabs) {
      const isShown = tab.dataset.pane === shown;
      tab.setAttribute("aria-selected", String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
    }
    for (const [pane, id] of Object.entries(PANELS)) byId(id).hidden = pane !== this.#side;
  }
}
