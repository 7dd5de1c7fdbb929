// Block Kit, drawn: the blocks. https://docs.slack.dev/reference/block-kit/blocks
//
// A `surface` says what pressing and choosing in these blocks means:
//   world               names for mentions, and the twin's time
//   value(block, element)  what is entered there now
//   act(kind, block, element, value)  "press" or "select"; a promise
//   suggest(block, element, typed)    a promise of options
//   input(block, element, value)      a form field was changed
//   errors              by block_id, for forms

import { el, icon } from "./dom.js";
import { control, draws as drawsControl } from "./elements.js";
import { link, mrkdwn, richText, text } from "./mrkdwn.js";

/** Whether a block or element of this type is drawn; a test holds this against all that Slack takes. */
export const draws = (type) => type in KINDS || drawsControl(type);

/** All blocks as nodes. */
export function draw(blocks, surface) {
  return blocks.map((block) => (KINDS[block.type] ?? unknown)(block, surface));
}

const KINDS = {
  header: (block) => el("h3", { class: "b-header", text: block.text.text }),
  divider: () => el("hr", { class: "b-divider" }),
  section,
  context,
  actions: (block, surface) =>
    el("div", { class: "b-actions" }, block.elements.map((element) => control(block, element, surface))),
  context_actions: (block, surface) =>
    el("div", { class: "b-actions" }, block.elements.map((element) => control(block, element, surface))),
  image: (block) => picture(block, block.title?.text),
  video: (block) => el("div", { class: "b-text" }, link(block.title_url ?? block.video_url, block.title.text), picture(block)),
  input,
  rich_text: (block, surface) => el("div", { class: "b-text" }, richText(block, surface.world)),
  markdown: (block, surface) => el("div", { class: "b-text" }, mrkdwn(block.text, surface.world)),
  alert: (block, surface) =>
    el("div", { class: `b-alert alert-${block.level ?? "default"}` }, text(block.text, surface.world)),
  table,
};

function section(block, surface) {
  const parts = [];
  if (block.text) parts.push(el("div", { class: "b-text" }, text(block.text, surface.world)));
  if (block.fields) {
    const fields = block.fields.map((field) => el("div", { class: "b-text" }, text(field, surface.world)));
    parts.push(el("div", { class: "b-fields" }, fields));
  }
  if (!block.accessory) return el("div", { class: "b-section" }, parts);
  const beside = block.accessory.type === "image" ? picture(block.accessory) : control(block, block.accessory, surface);
  return el("div", { class: "b-section b-beside" }, el("div", {}, parts), beside);
}

function context(block, surface) {
  const parts = block.elements.map((element) =>
    element.type === "image" ? picture(element) : el("div", { class: "b-text" }, text(element, surface.world)),
  );
  return el("div", { class: "b-context" }, parts);
}

/** An image by its description: the page loads nothing from elsewhere. */
function picture(image, title) {
  const words = el("figcaption", { text: image.alt_text });
  return el("figure", { class: "b-image", title }, icon("image"), words);
}

function input(block, surface) {
  const { element } = block;
  const id = `f-${block.block_id}`;
  const error = surface.errors?.[block.block_id];
  const about = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const label = [block.label.text, block.optional && el("span", { class: "optional", text: " (optional)" })];
  const grouped = ["checkboxes", "radio_buttons", "multi_static_select", "multi_users_select", "multi_conversations_select", "multi_channels_select"].includes(element.type);
  const field = control(block, element, surface, { id, about, required: !block.optional, invalid: Boolean(error) });
  return el(
    grouped ? "fieldset" : "div",
    { class: error ? "b-input has-error" : "b-input", data: { block: block.block_id }, "aria-describedby": grouped ? about : undefined },
    el(grouped ? "legend" : "label", { for: grouped ? undefined : id }, label),
    field,
    block.hint && el("p", { class: "field-hint", id: `${id}-hint`, text: block.hint.text }),
    error && el("p", { class: "field-error", id: `${id}-error`, text: error }),
  );
}

function table(block, surface) {
  const cell = (one) => (one.type === "raw_text" ? one.text : richText(one, surface.world));
  const rows = block.rows.map((row, index) => el("tr", {}, row.map((one) => el(index ? "td" : "th", {}, cell(one)))));
  return el("div", { class: "b-table" }, el("table", {}, rows));
}

function unknown(block) {
  return el("p", { class: "b-unknown", text: `This page does not draw a block of type ${block.type}.` });
}
