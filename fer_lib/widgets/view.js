// What both widgets' views share.

import { element } from "../live/javascript/elements.js";

export const BUSY =
  "Python doesn't respond. If a cell is running, wait for it or interrupt it; " +
  "if the kernel was restarted, run this cell again.";
export const GONE = "The connection to Python is lost. Run this cell again.";

// For whatever can have the focus: otherwise JupyterLab takes Enter and letters for its own
// commands, from the focused element even before its parents are asked.
export const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };

export function button(text, onClick) {
  const node = element("button", { type: "button", ...OWN_KEYS }, text);
  node.addEventListener("click", onClick);
  return node;
}

/** A traceback to open. */
export function details(traceback) {
  const summary = element("summary", OWN_KEYS, "Traceback");
  return element("details", {}, summary, element("pre", {}, traceback));
}

/** A name for this view alone: responses reach every view, in other windows too. */
export function newSender() {
  return crypto.getRandomValues(new Uint32Array(3)).join("-");
}

/** A message on what went wrong, with a traceback to open if Python gave one. */
export class Alert {
  constructor() {
    this.text = element("p", { role: "alert", class: "fer-alert" });
    this.traceback = element("div");
    this.root = element("div", {}, this.text, this.traceback);
    this.show("");
  }

  show(message, traceback = "") {
    this.text.textContent = message;
    this.traceback.replaceChildren(...(traceback ? [details(traceback)] : []));
  }

  shows(message) {
    return this.text.textContent === message;
  }

  /** Remove these messages, and no other: what they said is over. */
  clear(...messages) {
    if (messages.some((message) => this.shows(message))) this.show("");
  }
}
