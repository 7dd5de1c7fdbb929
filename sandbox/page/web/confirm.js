// The small window that asks "Are you sure?" before a button or a menu does something (Block Kit's confirm object).

import { byId, el } from "./dom.js";
import { text } from "./mrkdwn.js";

/** Ask; true if the person says yes. */
export function confirmed(question, world) {
  const dialog = byId("confirm");
  return new Promise((answer) => {
    const close = (value) => () => dialog.close(value);
    const style = question.style ?? "primary";
    dialog.replaceChildren(
      el("h2", { id: "confirm-title", text: question.title.text }),
      el("div", { class: "b-text" }, text(question.text, world)),
      el(
        "div",
        { class: "dialog-actions" },
        el("button", { type: "button", class: "b-button", text: question.deny.text, onclick: close("no") }),
        el("button", { type: "button", class: `b-button ${style}`, text: question.confirm.text, onclick: close("yes") }),
      ),
    );
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}
