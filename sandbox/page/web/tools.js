// The tools in the bar: the clock, what can be broken, and the switch that starts the bot anew.

import { change } from "./api.js";
import { byId, el, reconcile } from "./dom.js";

const PAUSE = 10; // minutes that the clock button lets pass
const NOTES = {
  restarting: "The bot is restarting. A message sent now reaches it within a minute; a press or a command fails, as in Slack.",
  stopped: "No bot is running: the terminal says why. The switch tries again.",
};

/** Draws the tools, and does what they are for. */
export class Tools {
  #menu = byId("mischief");
  #switch = byId("read-only");
  #bot = null;

  constructor() {
    byId("pass-time").addEventListener("click", () => change("time", { minutes: PAUSE }));
    byId("mischief-none").addEventListener("click", () => this.#break({ back: true }));
    this.#switch.addEventListener("click", () => this.#turn());
    document.addEventListener("click", (event) => {
      if (!this.#menu.contains(event.target)) this.#menu.open = false;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#menu.open) return;
      this.#menu.open = false;
      this.#menu.querySelector("summary").focus();
    });
  }

  show({ bot, mischief }) {
    this.#bot = bot;
    this.#showSwitch();
    const build = ({ id, label, about, left }) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", "aria-pressed": String(left > 0), data: { control: id }, onclick: () => this.#break({ what: id, back: left > 0 }) },
          el("strong", { text: label }),
          el("span", { text: about }),
          left > 0 && el("em", { text: `On order: ${left} left. Press to take it back.` }),
        ),
      );
    reconcile(byId("mischief-list"), mischief, { key: (one) => one.id, build });
    const onOrder = mischief.filter((one) => one.left > 0).length;
    byId("mischief-none").disabled = onOrder === 0;
    byId("mischief-count").hidden = onOrder === 0;
    byId("mischief-count").replaceChildren(String(onOrder), el("span", { class: "unseen", text: " on order" }));
  }

  #showSwitch() {
    const bot = this.#bot;
    this.#switch.hidden = !bot;
    const isBusy = bot?.standing === "restarting";
    this.#switch.setAttribute("aria-checked", String(Boolean(bot?.readOnly)));
    this.#switch.setAttribute("aria-disabled", String(isBusy));
    this.#switch.setAttribute("aria-busy", String(isBusy));
    const note = NOTES[bot?.standing];
    byId("bot-note").hidden = !note;
    byId("bot-note").textContent = note ?? "";
  }

  #turn() {
    if (this.#bot.standing === "restarting") return;
    const isOn = this.#bot.readOnly;
    change("read-only", { read_only: this.#bot.standing === "stopped" ? isOn : !isOn });
  }

  async #break(what) {
    this.#menu.open = false;
    this.#menu.querySelector("summary").focus();
    await change("mischief", what);
  }
}
