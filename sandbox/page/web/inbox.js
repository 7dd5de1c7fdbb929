// The e-mails to the person who was picked, newest first; one is opened like a message, and its link works.

import { change } from "./api.js";
import { byId, el, icon, reconcile } from "./dom.js";
import { link, nearDay } from "./mrkdwn.js";

const BUTTONS = { activation: "Activate my account" };

/** Draws the inbox. */
export class Inbox {
  #open = ""; // the id of the mail in front
  #person = "";
  #last = null;

  /** Draw what the newest state holds; how many e-mails are unread. */
  show(inbox, me, now) {
    if (me.id !== this.#person) this.#open = "";
    this.#person = me.id;
    this.#last = [inbox, me, now];
    const mails = inbox?.mails ?? [];
    byId("inbox-title").replaceChildren("Inbox ", el("small", { text: inbox?.address ?? "" }));
    reconcile(byId("inbox-parts"), this.#items(inbox, mails, me), { key: (item) => item.key, build: ({ build }) => build(now), same: ({ same }) => same });
    return mails.filter((mail) => mail.unread).length;
  }

  #items(inbox, mails, me) {
    const front = mails.find((mail) => mail.id === this.#open);
    if (front) return [{ key: front.id, same: "open", build: (now) => this.#letter(front, now) }];
    if (mails.length) return mails.map((mail) => ({ key: `line-${mail.id}`, same: mail.unread, build: (now) => this.#line(mail, now) }));
    const words = inbox ? "No mail yet. When Okta sends something, it is here." : `${me.name} has no account in this org, so Okta sends no mail.`;
    return [{ key: "none", same: words, build: () => el("p", { class: "nothing-here", text: words }) }];
  }

  #line(mail, now) {
    return el(
      "button",
      { type: "button", class: mail.unread ? "mail unread" : "mail", data: { control: mail.id }, onclick: () => this.#read(mail) },
      el("span", { class: "mail-from" }, mail.from, mail.unread && el("span", { class: "unseen", text: " (unread)" })),
      stamp(mail.at, now),
      el("span", { class: "mail-subject", text: mail.subject }),
      el("span", { class: "mail-begins", text: mail.text }),
    );
  }

  #letter(mail, now) {
    const button = mail.link && link(mail.link, BUTTONS[mail.kind] ?? "Choose a new password");
    if (button instanceof Element) button.className = "b-button primary b-link";
    // Okta's are a greeting and a sentence; others have paragraphs.
    const [greeting, ...rest] = mail.kind === "other" ? mail.text.trim().split(/\n{2,}/) : mail.text.split(/(?<=,) /);
    return el(
      "section",
      { class: "letter", "aria-labelledby": "letter-title" },
      el("button", { type: "button", class: "small back", onclick: () => this.#back(mail) }, icon("back"), "All mail"),
      el("h3", { id: "letter-title", tabindex: "-1", text: mail.subject }),
      el("p", { class: "letter-head" }, el("span", { text: `${mail.from} to ${mail.to}` }), stamp(mail.at, now)),
      el("p", { text: greeting }),
      ...(mail.kind === "other" ? rest : [rest.join(" ")]).filter(Boolean).map((text) => el("p", { text })),
      button,
    );
  }

  #read(mail) {
    this.#open = mail.id;
    this.show(...this.#last);
    byId("letter-title")?.focus();
    if (mail.unread) change("open-mail", { mail: mail.id });
  }

  #back(mail) {
    this.#open = "";
    this.show(...this.#last);
    [...byId("inbox-parts").children].find((node) => node.dataset.control === mail.id)?.focus();
  }
}

function stamp(iso, now) {
  const at = new Date(iso);
  const time = at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  const day = nearDay(at, now);
  const isToday = at.toDateString() === now.toDateString();
  return el("time", { datetime: iso, text: isToday ? time : `${day || at.toLocaleDateString(undefined, { day: "numeric", month: "short" })}, ${time}` });
}
