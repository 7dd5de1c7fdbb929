// A menu whose options the app offers while one types (Block Kit's external_select), after the pattern of
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/.

import { el } from "./dom.js";

const PAUSE = 200; // milliseconds without a key until the app is asked

let counter = 0;

/** The menu; `choose` is called with the value that was picked. */
export function combobox({ block, element, surface, common }, choose) {
  const listId = `options-${++counter}`;
  const least = element.min_query_length ?? 3;
  const list = el("ul", { class: "options", id: listId, role: "listbox", hidden: true });
  const input = el("input", {
    ...common,
    class: "b-field",
    type: "text",
    role: "combobox",
    maxlength: 75,
    placeholder: element.placeholder?.text ?? "Type to search",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    "aria-controls": listId,
  });
  let options = [];
  let at = -1;
  let timer = 0;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const mark = (index) => {
    at = index;
    for (const [number, node] of [...list.children].entries()) node.setAttribute("aria-selected", String(number === at));
    input.setAttribute("aria-activedescendant", `${listId}-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const pick = (option) => {
    input.value = option.text.text;
    close();
    choose(option.value);
  };
  const show = () => {
    const nodes = options.map((option, index) => {
      const pressed = (event) => {
        event.preventDefault(); // the focus stays in the field
        pick(option);
      };
      return el("li", { role: "option", id: `${listId}-${index}`, "aria-selected": "false", text: option.text.text, onmousedown: pressed });
    });
    list.replaceChildren(...(nodes.length ? nodes : [el("li", { class: "nothing", text: "Nothing found" })]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };
  const ask = async () => {
    const mine = ++asked;
    const found = await surface.suggest(block, element, input.value);
    if (mine !== asked || document.activeElement !== input) return; // a later question is under way
    options = found;
    show();
  };
  const wait = () => {
    clearTimeout(timer);
    close();
    if (input.value.length >= least) timer = setTimeout(ask, PAUSE);
  };
  input.addEventListener("input", wait);
  input.addEventListener("focus", () => least === 0 && list.hidden && wait());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden || !options.length) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark((at + step + options.length) % options.length);
    else if (event.key === "Enter" && at >= 0) pick(options[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.value = surface.label?.(block, element) ?? "";
  return el("div", { class: "combobox" }, input, list);
}
