// What the person who was picked has in their hands: Okta Verify with its codes and questions, text messages, and keys.

import { change } from "./api.js";
import { byId, el, icon, reconcile } from "./dom.js";

const LIFE = 30; // seconds for which a code is shown

/** Draws the phone. */
export class Phone {
  /** Draw what the newest state holds; how many questions wait for an answer. */
  show(phone, me) {
    byId("phone-title").textContent = `${me.name}'s phone`;
    const items = phone ? parts(phone) : [{ key: "none", kind: "nothing", words: `${me.name} has no account in this org, so no phone takes part.` }];
    const build = (item) => BUILDS[item.kind](item);
    reconcile(byId("phone-parts"), items, { key: (item) => item.key, build });
    const waiting = phone?.pushes.length ?? 0;
    const words = waiting ? "A sign-in waits for your answer on the phone." : "";
    if (byId("phone-said").textContent !== words) byId("phone-said").textContent = words;
    return waiting;
  }

  /** Let the seconds run. */
  tick(now) {
    const left = LIFE - (Math.floor(now / 1000) % LIFE);
    for (const node of document.querySelectorAll(".code-left")) node.textContent = `${left} s left`;
    for (const node of document.querySelectorAll(".code-time")) node.value = left;
    for (const node of document.querySelectorAll(".push time")) node.textContent = age(now - new Date(node.dateTime));
  }
}

const inOktaVerify = (device) => device.factors.some((type) => ["push", "token:software:totp", "signed_nonce"].includes(type));

/** The phones with the usual one first, then keys, then the way to set up another. */
function parts(phone) {
  const { devices, login, status } = phone;
  const set = devices.filter(inOktaVerify);
  const names = new Set([phone.name, ...set.map((device) => device.name)]);
  const phones = [...names].map((name) => ({
    key: `phone-${name}`,
    kind: "phone",
    name,
    login,
    status,
    verify: set.find((device) => device.name === name) ?? null,
    pushes: phone.pushes.filter((push) => push.device === name),
    texts: name === phone.name && phone.getsTexts ? { newest: phone.textMessage } : null,
  }));
  const keys = devices.filter((device) => !inOktaVerify(device)).map(({ name }) => ({ key: `key-${name}`, kind: "key", name }));
  return [...phones, ...keys, ...(status === "ACTIVE" ? [{ key: "another", kind: "another", login }] : [])];
}

const BUILDS = {
  phone: (item) =>
    el(
      "section",
      { class: "handset", "aria-label": item.name },
      el("h3", { class: "handset-name" }, icon("phone"), item.name),
      item.pushes.map(question),
      item.verify ? verify(item) : missing(item),
      item.texts && texts(item.texts),
    ),
  key: ({ name }) => el("p", { class: "own-key" }, icon("key"), el("span", {}, el("strong", { text: name }), " Security key or passkey")),
  another,
  nothing: ({ words }) => el("p", { class: "nothing-here", text: words }),
};

function question(push) {
  const answer = (number) => () => change("approve", { push: push.id, ...(number !== null && { number }) });
  const yes = push.numbers.length
    ? push.numbers.map((number) => el("button", { type: "button", class: "b-button", text: String(number), data: { control: `${push.id}/${number}` }, onclick: answer(number) }))
    : el("button", { type: "button", class: "b-button primary", text: "Approve", data: { control: `${push.id}/yes` }, onclick: answer(null) });
  return el(
    "section",
    { class: "push", "aria-label": "Sign-in request" },
    el("p", {}, el("strong", { text: "Did you just try to sign in?" }), el("span", { class: "aside" }, push.from ? `${push.from} · ` : "", el("time", { datetime: push.sent }))),
    push.numbers.length > 0 && el("p", { text: "Tap the number that you see on the other screen." }),
    el("div", { class: "b-actions" }, yes, el("button", { type: "button", class: "b-button danger", text: "Deny", data: { control: `${push.id}/no` }, onclick: () => change("deny", { push: push.id }) })),
  );
}

function verify({ verify: device, login, pushes }) {
  const code = device.code && `${device.code.slice(0, 3)} ${device.code.slice(3)}`;
  return el(
    "section",
    { class: "app", "aria-label": "Okta Verify" },
    el("h4", { text: "Okta Verify" }),
    el("p", { class: "aside", text: login }),
    code && el("p", { class: "code" }, el("output", { class: "code-now", text: code }), el("span", { class: "code-left aside" }), el("progress", { class: "code-time", max: LIFE, value: LIFE, "aria-hidden": "true" })),
    !device.factors.includes("push") && el("p", { class: "aside", text: "Codes only: no questions come to this phone." }),
    device.factors.includes("push") && !pushes.length && el("p", { class: "aside", text: "No sign-in is waiting for your answer." }),
  );
}

function missing({ name, login, status }) {
  const canSignIn = status === "ACTIVE";
  return el(
    "section",
    { class: "app", "aria-label": "Okta Verify" },
    el("h4", { text: "Okta Verify" }),
    el("p", { class: "aside", text: canSignIn ? "Not set up on this phone." : `Not set up on this phone. That takes a sign-in, and the account is ${status}.` }),
    canSignIn && el("button", { type: "button", class: "b-button", text: "Set up Okta Verify", data: { control: "enrol" }, onclick: () => change("enrol", { login, device: name }) }),
  );
}

function texts({ newest }) {
  const words = newest ? el("p", { class: "bubble" }, "Your Okta code is ", el("strong", { text: newest }), ".") : el("p", { class: "aside", text: "None yet." });
  return el("section", { class: "app", "aria-label": "Text messages" }, el("h4", { text: "Text messages" }), words);
}

function another({ login }) {
  const name = el("input", { id: "another-phone", class: "b-field", type: "text", maxlength: 60, required: true, placeholder: "My new phone", autocomplete: "off", data: { control: "another" } });
  const submit = async (event) => {
    event.preventDefault();
    await change("enrol", { login, device: name.value });
    name.value = "";
  };
  return el(
    "form",
    { class: "another", onsubmit: submit },
    el("label", { for: "another-phone", text: "Set up Okta Verify on another phone" }),
    el("div", { class: "another-row" }, name, el("button", { type: "submit", class: "b-button", text: "Set up", data: { control: "another-go" } })),
  );
}

function age(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return "just now";
  const minutes = Math.floor(seconds / 60);
  return minutes === 1 ? "1 minute ago" : `${minutes} minutes ago`;
}
