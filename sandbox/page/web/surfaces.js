// What pressing, choosing and typing mean in a message, a Home tab or a modal; see blocks.js for the shape.

const DELAY = 300; // milliseconds after the last key until a field in a message is told to Slack

/** What is in a state entry (https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload). */
function bare(entry) {
  if (!entry) return null;
  const [, value] = Object.entries(entry).find(([name]) => name !== "type") ?? [];
  if (Array.isArray(value)) return value.map((one) => one.value ?? one);
  return value?.value ?? value ?? null;
}

function chosenLabel(entry) {
  return entry?.selected_option?.text?.text ?? "";
}

/** The surface of a message in a channel. */
export function messageSurface(page, channel, message) {
  const entry = (block, element) => message.inputs[block.block_id]?.[element.action_id];
  return common(page, { name: `m${message.ts}`, where: message.ts, channel: channel.id, entry });
}

/** The surface of a Home tab. */
export function homeSurface(page, view) {
  const entry = (block, element) => view.state.values[block.block_id]?.[element.action_id];
  return common(page, { name: `h${view.id}`, where: view.id, entry });
}

/** The surface of a modal: what is typed stays in `drafts` until the form is submitted. */
export function modalSurface(page, view, drafts, errors) {
  const entry = (block, element) => view.state.values[block.block_id]?.[element.action_id];
  const shared = common(page, { name: `v${view.id}`, where: view.id, entry });
  const key = (block, element) => `${block.block_id}/${element.action_id}`;
  return {
    ...shared,
    errors,
    value: (block, element) => drafts.get(key(block, element)) ?? shared.value(block, element),
    input: (block, element, value) => drafts.set(key(block, element), value),
  };
}

/** Where a link leads. The demo's own sign-in page is opened as the person who was picked, by whatever name this page was reached. */
function addressed(url, person) {
  return url.endsWith(`:${location.port}/okta`) ? `${location.origin}/okta#${person}` : url;
}

function common(page, { name, where, channel, entry }) {
  const at = (block, element) => ({ where, channel, block_id: block.block_id, action_id: element.action_id });
  const timers = new Map();
  return {
    name,
    world: page.world,
    href: (url) => addressed(url, page.world.me),
    value: (block, element) => bare(entry(block, element)),
    label: (block, element) => chosenLabel(entry(block, element)),
    act: (kind, block, element, value) => page.act(kind, { ...at(block, element), ...(kind === "select" && { value }) }),
    suggest: async (block, element, text) => (await page.act("suggest", { ...at(block, element), text }))?.options ?? [],
    input: (block, element, value) => {
      clearTimeout(timers.get(element));
      timers.set(element, setTimeout(() => page.act("select", { ...at(block, element), value }), DELAY));
    },
    redraw: () => page.redraw(),
  };
}
