/* The way to the page around the frame: messages of one version, to and from exactly one origin.

   In: messages of the page's loader. Out: checked values for the handlers given. What has another origin, sender,
   version, type or shape is dropped without an answer. */

import { settings } from "./settings.js";

const APP = "shopping-assistant";
const PROTOCOL = 1;
const FROM_PAGE = {
  init: { mode: "string", open: "boolean", phone: "boolean", user: "object?", context: "object?", scheme: "string", theme: "object", cart: "boolean" },
  shown: { open: "boolean", focus: "boolean", phone: "boolean" },
  say: { text: "string" },
  user: { user: "object?" },
  context: { context: "object?" },
  theme: { scheme: "string", theme: "object" },
  cart: { on: "boolean" },
  reset: {},
};

/** Listens for the page and tells it so. `handlers` has a function for each type of message. */
export function connect(handlers) {
  if (!settings.isEmbedded || !settings.parentOrigin) return;
  addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== settings.parentOrigin) return;
    const data = checked(event.data);
    if (data && handlers[event.data.type]) handlers[event.data.type](data);
  });
  tell("hello");
}

/** Tells the page something. Only a page of the expected origin hears it. */
export function tell(type, data = {}) {
  if (!settings.isEmbedded || !settings.parentOrigin) return;
  window.parent.postMessage({ app: APP, v: PROTOCOL, type, ...data }, settings.parentOrigin);
}

/** The fields that the message's type has, or null where it is none of ours. */
export function checked(message) {
  if (!message || typeof message !== "object" || message.app !== APP || message.v !== PROTOCOL) return null;
  if (typeof message.type !== "string" || !Object.hasOwn(FROM_PAGE, message.type)) return null;
  const data = {};
  for (const [name, type] of Object.entries(FROM_PAGE[message.type])) {
    const value = message[name] ?? null;
    const fits = value === null ? type.endsWith("?") : typeof value === type.replace("?", "");
    if (!fits) return null;
    data[name] = value;
  }
  return data;
}

/** A page's context as the server takes it, or null; ids and names are texts of up to 200 characters. */
export function pageContext(given) {
  if (!given) return null;
  const text = (value) => (typeof value === "string" && value && value.length <= 200 ? value : undefined);
  const cart = Array.isArray(given.cart) ? given.cart.filter((id) => text(id)).slice(0, 100) : [];
  const context = { product: text(given.product), category: text(given.category), cart: cart.length ? cart : undefined };
  return Object.values(context).some(Boolean) ? context : null;
}
