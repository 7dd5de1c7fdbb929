// The demo's stand-in for the sign-in page of an Okta org: how the account of the person in the address (#UMAYA) stands, and a way to try it.

import { Refusal, change, listen, readState } from "./api.js";
import { avatar, byId, el, reconcile } from "./dom.js";
import { TONES, chip, flags } from "./okta.js";

const tell = (told) => (byId("told").textContent = told);

/** Read how the account stands, and draw it. */
async function show() {
  const asked = decodeURIComponent(location.hash.slice(1));
  try {
    const { slack, okta } = await readState(asked);
    draw(slack.me, okta.people.find((one) => one.slackId === slack.me.id));
  } catch (error) {
    if (error instanceof Refusal) tell(error.message); // where nobody answers, the bell tells of that
  }
}

function draw(me, account) {
  byId("back").href = `/#${me.id}`;
  const build = () => [
    el(
      "div",
      { class: "door-person" },
      avatar(me.id, me.name),
      el("div", { class: "door-words" }, el("strong", { text: me.name }), el("span", { text: account?.login ?? "has no account in this org" })),
      account && chip(account.status, TONES[account.status] ?? "info"),
      account && flags(account).map((flag) => el("span", { class: "flag", text: flag })),
    ),
    account && el("button", { type: "button", class: "b-button primary", text: "Try to sign in", data: { control: "try" }, onclick: () => change("sign-in", { login: account.login }, tell) }),
  ];
  const facts = [me.id, account?.login, account?.status, account && flags(account)];
  reconcile(byId("who"), [facts], { key: () => "who", build: () => el("div", {}, build()) });
}

window.addEventListener("hashchange", () => {
  tell("");
  show();
});
listen(show, (heard) => (byId("offline").hidden = heard));
