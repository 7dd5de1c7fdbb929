// Slack's text formatting, drawn: mrkdwn as bots write it, and the rich text that Slack makes of what people type.
// https://docs.slack.dev/messaging/formatting-message-text

import { el } from "./dom.js";

const MARKS = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;
const SPACE = /[\s\u200b]/; // a zero-width space keeps a mark from pairing
const ITEM = /^(\s*)(•|◦|-|\d{1,3}\.)\s+(.*)$/;

/** The three entities Slack knows. */
export const unescaped = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A link that can only lead to the web or a mail program. */
export function link(url, label) {
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return document.createTextNode(label);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", text: label });
}

/** A text object or a string of mrkdwn as nodes: paragraphs, lists, quotes, code. */
export function mrkdwn(text, world) {
  const nodes = [];
  for (const [index, part] of text.split("```").entries()) {
    if (index % 2 === 1) nodes.push(el("pre", {}, el("code", { text: unescaped(part.replace(/^\n/, "")) })));
    else nodes.push(...lines(part, world));
  }
  return nodes;
}

/** A Block Kit text object. */
export function text(object, world) {
  if (object.type === "mrkdwn") return mrkdwn(object.text, world);
  return [document.createTextNode(object.text)];
}

function lines(part, world) {
  const nodes = [];
  let paragraph = null;
  for (const line of part.split("\n")) {
    const item = ITEM.exec(line);
    const quote = /^(&gt;|>)\s?(.*)$/.exec(line);
    if (!line.trim()) paragraph = null;
    else if (item) {
      paragraph = null;
      nodes.push(listItem(item, world));
    } else if (quote) {
      paragraph = null;
      nodes.push(el("blockquote", {}, inline(quote[2], world)));
    } else if (paragraph) paragraph.append(el("br"), ...inline(line, world));
    else nodes.push((paragraph = el("p", {}, inline(line, world))));
  }
  return nodes;
}

function listItem([, indent, marker, words], world) {
  const kind = indent.length > 1 ? "item item-deep" : "item";
  return el("div", { class: kind }, el("span", { class: "marker", text: marker }), el("div", {}, inline(words, world)));
}

/** One line of mrkdwn as nodes. */
export function inline(line, world) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(document.createTextNode(unescaped(plain)));
    plain = "";
  };
  for (let at = 0; at < line.length; ) {
    const found = special(line, at, world);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else plain += line[at++];
  }
  flush();
  return nodes;
}

function special(line, at, world) {
  const sign = line[at];
  if (sign === "<") {
    const end = line.indexOf(">", at);
    return end < 0 ? null : { node: angled(line.slice(at + 1, end), world), end: end + 1 };
  }
  if (sign === "`") {
    const end = line.indexOf("`", at + 1);
    return end <= at + 1 ? null : { node: el("code", { text: unescaped(line.slice(at + 1, end)) }), end: end + 1 };
  }
  if (!(sign in MARKS) || (at > 0 && WORD.test(line[at - 1]))) return null;
  const end = closing(line, at, sign);
  return end < 0 ? null : { node: el(MARKS[sign], {}, inline(line.slice(at + 1, end), world)), end: end + 1 };
}

/** Where the mark that opens at `at` is closed: marks hug what they mark, and stand at the edge of a word. */
function closing(line, at, sign) {
  if (at + 1 >= line.length || SPACE.test(line[at + 1]) || line[at + 1] === sign) return -1;
  for (let end = line.indexOf(sign, at + 1); end > 0; end = line.indexOf(sign, end + 1)) {
    const next = line[end + 1];
    if (!SPACE.test(line[end - 1]) && (next === undefined || !(WORD.test(next) || next === "\u200b"))) return end;
  }
  return -1;
}

/** What stands in angle brackets: a mention, a channel, a date, a link. */
function angled(inner, world) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescaped(inner.slice(bar + 1));
  if (target.startsWith("@")) return mention(`@${world.names[target.slice(1)] ?? (label || target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${label || world.channels[target.slice(1)] || target.slice(1)}`);
  if (target.startsWith("!date^")) return date(target, label, world);
  if (target.startsWith("!")) return mention(label || `@${target.slice(1).split("^")[0]}`);
  const url = unescaped(target);
  return link(url, label || url.replace(/^mailto:/i, ""));
}

const mention = (name) => el("span", { class: "mention", text: name });

const DAY = { weekday: "long", month: "long", day: "numeric", year: "numeric" };
const FORMATS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { month: "long", day: "numeric", year: "numeric" },
  date_short: { month: "short", day: "numeric", year: "numeric" },
  date_long: DAY,
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

/** `<!date^seconds^format^link|fallback>` in the reader's own time zone. */
function date(target, fallback, world) {
  const [, seconds, format, url] = target.split("^");
  const moment = new Date(Number(seconds) * 1000);
  if (!format || Number.isNaN(moment.getTime())) return document.createTextNode(fallback);
  const shown = unescaped(format).replace(/\{(\w+)\}/g, (token, name) => datePart(moment, name, world.now) ?? token);
  const node = el("time", { datetime: moment.toISOString(), title: moment.toLocaleString(), text: shown });
  if (!url) return node;
  const around = link(unescaped(url), "");
  around.append(node);
  return around;
}

function datePart(moment, name, now) {
  if (name === "ago") return ago((now - moment) / 60_000);
  const pretty = name.endsWith("_pretty");
  const format = FORMATS[pretty ? name.slice(0, -7) : name];
  if (!format) return undefined;
  return (pretty && nearDay(moment, now)) || new Intl.DateTimeFormat(undefined, format).format(moment);
}

function ago(minutes) {
  const [amount, unit] = Math.abs(minutes) < 60 ? [minutes, "minute"] : [minutes / 60, "hour"];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(-Math.round(amount), unit);
}

/** "today", "yesterday" or "tomorrow", or nothing. */
export function nearDay(moment, now) {
  const midnight = (day) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  const days = Math.round((midnight(moment) - midnight(now)) / 86_400_000);
  return Math.abs(days) <= 1 ? new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(days, "day") : "";
}

/** A rich_text block (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block). */
export function richText(block, world) {
  return block.elements.map((part) => {
    if (part.type === "rich_text_list") {
      const items = part.elements.map((one) => el("li", {}, richInline(one.elements, world)));
      return el(part.style === "ordered" ? "ol" : "ul", { class: "rich-list" }, items);
    }
    if (part.type === "rich_text_quote") return el("blockquote", {}, richInline(part.elements, world));
    if (part.type === "rich_text_preformatted") return el("pre", {}, el("code", {}, richInline(part.elements, world)));
    return el("p", { class: "typed" }, richInline(part.elements, world));
  });
}

function richInline(elements, world) {
  return elements.map((one) => {
    const style = one.style ?? {};
    let node = richPiece(one, world);
    for (const [name, tag] of [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]]) {
      if (style[name]) node = el(tag, {}, node);
    }
    return node;
  });
}

function richPiece(one, world) {
  switch (one.type) {
    case "link":
      return link(one.url, one.text ?? one.url);
    case "user":
      return mention(`@${world.names[one.user_id] ?? one.user_id}`);
    case "channel":
      return mention(`#${world.channels[one.channel_id] ?? one.channel_id}`);
    case "broadcast":
      return mention(`@${one.range}`);
    case "emoji":
      return document.createTextNode(one.unicode ? String.fromCodePoint(...one.unicode.split("-").map((code) => parseInt(code, 16))) : `:${one.name}:`);
    default:
      return document.createTextNode(one.text ?? "");
  }
}
