// Block Kit, drawn: what can be pressed, chosen and typed. https://docs.slack.dev/reference/block-kit/block-elements
//
// Native controls wherever there is one: they bring the keyboard, the screen reader and the phone along.

import { confirmed } from "./confirm.js";
import { el } from "./dom.js";
import { combobox } from "./combobox.js";
import { link, text } from "./mrkdwn.js";

/** Whether an element of this type is drawn. */
export const draws = (type) => type === "image" || type in KINDS; // an image is drawn by the block it stands in

/** One element. `form` has the id and descriptions where it is the field of an input block. */
export function control(block, element, surface, form = null) {
  const draw = KINDS[element.type];
  if (!draw) return el("p", { class: "b-unknown", text: `This page does not draw a ${element.type}.` });
  return draw({ block, element, surface, form, common: common(block, element, form) });
}

const KINDS = {
  button,
  icon_button: button,
  workflow_button: (at) => idle(at, "Workflows do not run in the demo"),
  overflow,
  feedback_buttons: feedback,
  static_select: (at) => menu(at, optionsOf(at.element)),
  users_select: (at) => menu(at, people(at.surface)),
  conversations_select: (at) => menu(at, channels(at.surface)),
  channels_select: (at) => menu(at, channels(at.surface)),
  external_select: (at) => combobox(at, (value) => choose(at, value)),
  multi_static_select: (at) => ticks(at, "checkbox", flat(optionsOf(at.element))),
  multi_users_select: (at) => ticks(at, "checkbox", people(at.surface)),
  multi_conversations_select: (at) => ticks(at, "checkbox", channels(at.surface)),
  multi_channels_select: (at) => ticks(at, "checkbox", channels(at.surface)),
  multi_external_select: (at) => combobox(at, (value) => choose(at, [value])), // one of the several
  checkboxes: (at) => ticks(at, "checkbox", at.element.options),
  radio_buttons: (at) => ticks(at, "radio", at.element.options),
  datepicker: (at) => field(at, "date"),
  timepicker: (at) => field(at, "time"),
  datetimepicker: moment,
  plain_text_input: (at) => (at.element.multiline ? area(at) : field(at, "text")),
  email_text_input: (at) => field(at, "email"),
  url_text_input: (at) => field(at, "url"),
  number_input: (at) => field(at, "text"),
  rich_text_input: (at) => idle(at, "Formatted text cannot be typed in the demo"),
  file_input: (at) => idle(at, "Files cannot be sent in the demo"),
};

/** What a control is called where the app gives it neither a label nor a placeholder. */
const NAMES = { datepicker: "Date", timepicker: "Time", datetimepicker: "Date and time", radio_buttons: "Choices", checkboxes: "Choices" };

function common(block, element, form) {
  return {
    id: form?.id,
    data: { control: `${block.block_id}/${element.action_id}` },
    "aria-describedby": form?.about,
    "aria-required": form?.required ? "true" : undefined,
    "aria-invalid": form?.invalid ? "true" : undefined,
    "aria-label": form ? undefined : element.placeholder?.text ?? NAMES[element.type],
    autofocus: element.focus_on_load,
  };
}

/** A choice was made: in a form it is kept until the form is submitted, elsewhere the app hears of it at once. */
async function choose({ block, element, surface, form }, value) {
  if (element.confirm && !(await confirmed(element.confirm, surface.world))) {
    surface.redraw();
    return;
  }
  if (form) surface.input(block, element, value);
  if (!form || block.dispatch_action) await surface.act("select", block, element, value);
}

function button({ block, element, surface, common: attributes }) {
  const style = element.style ? ` ${element.style}` : "";
  const press = async (event) => {
    const pressed = event.currentTarget;
    if (element.confirm && !(await confirmed(element.confirm, surface.world))) return;
    pressed.setAttribute("aria-busy", "true");
    await surface.act("press", block, element);
    pressed.removeAttribute("aria-busy");
  };
  const listener = { onclick: press, "aria-label": element.accessibility_label };
  if (!element.url) return el("button", { ...attributes, ...listener, type: "button", class: `b-button${style}`, text: element.text.text });
  const anchor = link(surface.href(element.url), element.text.text);
  if (!(anchor instanceof Element)) return el("button", { ...attributes, type: "button", class: "b-button", disabled: true, text: element.text.text });
  anchor.className = `b-button b-link${style}`;
  anchor.dataset.control = attributes.data.control;
  anchor.addEventListener("click", press);
  return anchor;
}

/** A control that is shown, and does nothing here. */
function idle({ element, common: attributes }, why) {
  return el("button", { ...attributes, type: "button", class: "b-button", disabled: true, title: why, text: element.text?.text ?? why });
}

function feedback({ block, element, surface, common: attributes }) {
  return [element.positive_button, element.negative_button].map((one) =>
    el("button", { ...attributes, type: "button", class: "b-button", text: one.text.text, onclick: () => surface.act("select", block, element, one.value) }),
  );
}

function overflow(at) {
  const { element, common: attributes } = at;
  const chosen = (event) => {
    const { value } = event.target;
    event.target.value = "";
    const option = element.options.find((one) => one.value === value);
    if (option.url) link(option.url, "").click?.();
    choose(at, value);
  };
  const options = element.options.map((option) => el("option", { value: option.value, text: option.text.text }));
  const first = el("option", { value: "", hidden: true, selected: true, text: "⋯" });
  return el("select", { ...attributes, class: "b-overflow", "aria-label": "More actions", onchange: chosen }, first, options);
}

const flat = (options) => options.flatMap((one) => one.options ?? [one]);
const optionsOf = (element) => element.option_groups ?? element.options;
const people = ({ world }) => world.people.map((one) => ({ value: one.id, text: { text: one.name } }));
const channels = ({ world }) => Object.entries(world.channels).map(([value, name]) => ({ value, text: { text: `#${name}` } }));

function menu(at, options) {
  const { block, element, surface, common: attributes } = at;
  const now = surface.value(block, element) ?? "";
  const one = (option) => el("option", { value: option.value, selected: option.value === now, text: option.text.text });
  const drawn = options.map((entry) =>
    entry.options ? el("optgroup", { label: entry.label.text }, entry.options.map(one)) : one(entry),
  );
  const first = el("option", { value: "", text: element.placeholder?.text ?? "Choose…", selected: now === "" });
  const chosen = (event) => choose(at, event.target.value || null);
  return el("select", { ...attributes, class: "b-select", onchange: chosen }, first, drawn);
}

function ticks(at, type, options) {
  const { block, element, surface, form, common: attributes } = at;
  const now = [surface.value(block, element) ?? []].flat();
  const group = `${surface.name}-${block.block_id}-${element.action_id}`;
  const box = el("div", { class: "b-ticks", role: form ? undefined : "group", "aria-label": attributes["aria-label"] });
  const changed = () => {
    const values = [...box.querySelectorAll("input:checked")].map((input) => input.value);
    choose(at, type === "radio" ? values[0] ?? null : values);
  };
  for (const option of options) {
    const data = { control: `${attributes.data.control}/${option.value}` };
    const input = el("input", { type, name: group, value: option.value, checked: now.includes(option.value), data, onchange: changed });
    const about = option.description && el("small", {}, text(option.description, surface.world));
    box.append(el("label", {}, input, el("span", {}, text(option.text, surface.world), about)));
  }
  return box;
}

/** The attributes that typed fields share. Slack hears of typing only where the block dispatches, on Enter unless told otherwise. */
function typing(at) {
  const { block, element, surface, common: attributes } = at;
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const typed = (event) => surface.input(block, element, event.target.value || null);
  const tell = (event) => surface.act("select", block, element, event.target.value || null);
  return {
    ...attributes,
    class: "b-field",
    placeholder: element.placeholder?.text,
    minlength: element.min_length || undefined,
    maxlength: element.max_length ?? 3000,
    oninput: (event) => {
      typed(event);
      if (block.dispatch_action && triggers.includes("on_character_entered")) tell(event);
    },
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.isComposing || event.target.tagName === "TEXTAREA") return;
      if (block.dispatch_action && triggers.includes("on_enter_pressed")) {
        event.preventDefault();
        tell(event);
      }
    },
  };
}

function field(at, type) {
  const { block, element, surface } = at;
  const value = surface.value(block, element) ?? "";
  const whole = element.type === "number_input" ? { inputmode: element.is_decimal_allowed ? "decimal" : "numeric" } : {};
  const node = el("input", { ...typing(at), ...whole, type });
  node.value = value;
  if (["date", "time"].includes(type)) {
    node.removeAttribute("maxlength");
    if (!at.form) node.addEventListener("change", () => choose(at, node.value || null));
  }
  return node;
}

function area(at) {
  const node = el("textarea", { ...typing(at), rows: 4 });
  node.value = at.surface.value(at.block, at.element) ?? "";
  return node;
}

function moment(at) {
  const seconds = at.surface.value(at.block, at.element);
  const changed = (event) => choose(at, event.target.value ? Math.floor(new Date(event.target.value).getTime() / 1000) : null);
  const node = el("input", { ...at.common, class: "b-field", type: "datetime-local", onchange: changed });
  if (seconds) {
    const local = new Date(seconds * 1000);
    node.value = new Date(local.getTime() - local.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }
  return node;
}
