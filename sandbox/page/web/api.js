// The page's way to its server: read everything, hear when to read again, do something.

import { toast } from "./dom.js";

/** The demo has answered that it will not do it, and why. */
export class Refusal extends Error {}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(body.error ?? `The demo answered ${response.status}.`);
  return body;
}

/** Everything on the page for one person. */
export async function readState(person) {
  return answer(await fetch(`/api/state?as=${encodeURIComponent(person)}`));
}

async function post(path, body) {
  return answer(
    await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  );
}

/** Do something as a person. What cannot be done is told in a toast, and undefined comes back. */
export async function act(person, name, body = {}) {
  try {
    return await post(`/api/as/${encodeURIComponent(person)}/${name}`, body);
  } catch (error) {
    toast(reason(error), { bad: true });
    return undefined;
  }
}

function reason(error) {
  return error instanceof Refusal ? error.message : "The demo does not answer.";
}

/** Change something around the chat, and tell what came of it. */
export async function change(name, body, tell = toast) {
  try {
    const { told } = await post(`/api/world/${name}`, body);
    if (told) tell(told);
  } catch (error) {
    tell(reason(error), { bad: true });
  }
}

/** Call `ring` now and whenever something has changed; `heard` is told whether the demo can be heard at all. */
export function listen(ring, heard) {
  const bell = new EventSource("/api/changes");
  bell.onmessage = ring;
  bell.onopen = () => heard(true);
  bell.onerror = () => heard(false);
}
