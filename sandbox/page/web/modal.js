// The open modal: a form that asks the app at "submit", and the stack it lies on.

import { draw } from "./blocks.js";
import { byId, el, icon } from "./dom.js";
import { modalSurface } from "./surfaces.js";

const REQUIRED = "Please complete this required field.";

/** Shows whatever modal the state holds. */
export class Modal {
  #page;
  #dialog = byId("modal");
  #print = "";
  #view = null;
  #begun = new Map(); // by view id, so that a form under another one keeps what was typed
  #drafts = new Map();
  #missing = {};

  constructor(page) {
    this.#page = page;
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault(); // it closes when the workspace says so
      this.#close(false);
    });
  }

  /** Draw the modal of the newest state, if it is another one or has changed. */
  show({ modal, depth }) {
    if (!modal) {
      if (this.#dialog.open) this.#leave();
      this.#print = "";
      this.#view = null;
      this.#begun.clear();
      return;
    }
    if (modal.id !== this.#view?.id) {
      if (!this.#begun.has(modal.id)) this.#begun.set(modal.id, new Map());
      this.#drafts = this.#begun.get(modal.id);
      this.#missing = {};
    }
    const print = JSON.stringify([modal.id, modal.hash, modal.errors, depth, this.#missing]);
    this.#view = modal;
    if (print !== this.#print || !this.#dialog.open) this.#draw(depth, print);
  }

  /** Close it. The focus goes back to what opened it; if that is gone with its card, it goes to the message field. */
  #leave() {
    this.#dialog.close();
    const { activeElement } = document;
    if (activeElement === document.body || this.#dialog.contains(activeElement)) byId("composer").focus();
  }

  #draw(depth, print) {
    const kept = this.#dialog.contains(document.activeElement) ? document.activeElement.dataset.control : undefined;
    this.#print = print;
    const view = this.#view;
    const errors = { ...view.errors, ...this.#missing };
    const surface = modalSurface(this.#page, view, this.#drafts, errors);
    const submit = (event) => {
      event.preventDefault();
      this.#submit(event.currentTarget, depth);
    };
    this.#dialog.replaceChildren(
      el("form", { novalidate: true, onsubmit: submit }, this.#head(view, depth), el("div", { class: "modal-blocks" }, draw(view.blocks, surface)), this.#foot(view)),
    );
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#focus(kept);
  }

  /** What is wrong comes first, then what had the focus before it was drawn anew, then whatever there is to do. */
  #focus(kept) {
    const wrong = this.#dialog.querySelector(".has-error :is(input, select, textarea)");
    const same = kept && [...this.#dialog.querySelectorAll("[data-control]")].find((one) => one.dataset.control === kept);
    const first = this.#dialog.querySelector("[autofocus]") ?? this.#dialog.querySelector(".modal-blocks :is(input, select, textarea, button, a[href])");
    (wrong ?? (same || first))?.focus();
  }

  #head(view, depth) {
    const close = el("button", { type: "button", class: "round", "aria-label": depth > 1 ? "Close all" : "Close", onclick: () => this.#close(depth > 1) }, icon("close"));
    return el("header", { class: "modal-head" }, el("h2", { id: "modal-title", text: view.title.text }), close);
  }

  #foot(view) {
    const close = el("button", { type: "button", class: "b-button", text: view.close?.text ?? "Cancel", onclick: () => this.#close(false) });
    const submit = view.submit && el("button", { type: "submit", class: "b-button primary", text: view.submit.text });
    return el("footer", { class: "dialog-actions" }, close, submit);
  }

  async #submit(form, depth) {
    const view = this.#view;
    const surface = modalSurface(this.#page, view, this.#drafts, {});
    const inputs = view.blocks.filter((block) => block.type === "input");
    const values = Object.fromEntries(inputs.map((block) => [block.block_id, surface.value(block, block.element)]));
    const empty = ({ block_id: id }) => values[id] === null || values[id] === "" || values[id].length === 0;
    this.#missing = Object.fromEntries(inputs.filter((block) => !block.optional && empty(block)).map((block) => [block.block_id, REQUIRED]));
    if (Object.keys(this.#missing).length) {
      this.show({ modal: view, depth });
      return;
    }
    form.setAttribute("aria-busy", "true");
    await this.#page.act("submit", { view_id: view.id, values });
    form.removeAttribute("aria-busy");
  }

  #close(everything) {
    this.#page.act("close", { view_id: this.#view.id, everything });
  }
}
