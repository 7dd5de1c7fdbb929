// Making and renewing elements. Text from anywhere else becomes text nodes here and nothing more: no data is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element. Keys that begin with "on" are listeners, `class`, `text` and `data` mean what they say, the rest are attributes. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** One of the drawings in page.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/**
 * Make the children of `parent` those of `items`, in order, and build anew only what has changed: so that focus, open menus and
 * half-typed text in the rest stay, and a screen reader hears the news alone.
 */
export function reconcile(parent, items, { key, build, same = (item) => item }) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const print = JSON.stringify(same(item));
    let node = old.get(name);
    old.delete(name);
    if (!node || node.print !== print) {
      const fresh = build(item, node);
      fresh.dataset.key = name;
      fresh.print = print;
      if (node) replaceKeepingFocus(node, fresh);
      if (node && node === place) place = fresh; // it is in its place: moving it would take the focus away
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const gone of old.values()) gone.remove();
}

/** Put `fresh` in place of `node`; if the focus was inside, it goes to the same control, or else to the whole. */
export function replaceKeepingFocus(node, fresh) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  node.replaceWith(fresh);
  if (!focused) return;
  const name = focused.dataset.control;
  const again = name && [...fresh.querySelectorAll("[data-control]")].find((one) => one.dataset.control === name);
  if (again && !again.disabled) again.focus({ preventScroll: true });
  else {
    fresh.tabIndex = -1;
    fresh.focus({ preventScroll: true });
  }
}

/** A sentence that goes away by itself. It is a popover so that it also lies above an open dialog. */
export function toast(text, { bad = false } = {}) {
  const toasts = byId("toasts");
  const node = el("p", { class: bad ? "toast bad" : "toast", text });
  toasts.append(node);
  if (toasts.showPopover) {
    if (toasts.matches(":popover-open")) toasts.hidePopover();
    toasts.showPopover();
  }
  setTimeout(() => {
    node.remove();
    if (!toasts.firstElementChild) toasts.hidePopover?.();
  }, 6000);
}

/** The letters in a person's picture. */
export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words[words.length - 1][0] : "")).toUpperCase();
}

/** A person's picture: initials on a colour of their own. */
export function avatar(id, name, { bot = false } = {}) {
  if (bot) return el("span", { class: "avatar avatar-bot", "aria-hidden": "true" }, icon("latch"));
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return el("span", { class: `avatar avatar-${sum % 8}`, "aria-hidden": "true", text: initials(name) });
}
