/* Elements out of the server's HTML, and out of nothing.

   The server has cleaned its HTML already, and the page's policy runs no inline script. This is the third lock: whatever
   could run or fetch something is taken out before the nodes enter the document. */

import { settings } from "./settings.js";

const FORBIDDEN = "script, style, iframe, object, embed, link, meta, base, form, svg, math, template";
const WEB = /^https?:$/;

/** The nodes of `html`, without anything that runs. */
export function fragment(html) {
  const parsed = new DOMParser().parseFromString(html || "", "text/html");
  for (const bad of parsed.querySelectorAll(FORBIDDEN)) bad.remove();
  for (const each of parsed.body.querySelectorAll("*")) clean(each);
  const nodes = document.createDocumentFragment();
  nodes.append(...[...parsed.body.childNodes].map((node) => document.adoptNode(node)));
  return nodes;
}

function clean(each) {
  for (const { name } of [...each.attributes]) {
    if (/^on|^style$|^srcset$|^srcdoc$|^formaction$/i.test(name) || name.includes(":")) each.removeAttribute(name);
  }
  keepWebAddress(each, "href");
  keepWebAddress(each, "src");
  if (each.tagName === "A") {
    each.target = "_blank";
    each.rel = "noopener noreferrer nofollow";
  }
}

/** Addresses of the server's own come relative to its root. */
function keepWebAddress(each, name) {
  if (!each.hasAttribute(name)) return;
  const address = URL.parse ? URL.parse(each.getAttribute(name), settings.root) : parsedAddress(each.getAttribute(name));
  if (address && WEB.test(address.protocol)) each.setAttribute(name, address.href);
  else each.removeAttribute(name);
}

function parsedAddress(text) {
  try {
    return new URL(text, settings.root);
  } catch {
    return null;
  }
}

/** A new element: `make("p", {class: "notice", text: "…"}, child, …)`. `text` is shown as it is. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") made.textContent = value;
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

/** A button that does `act`. */
export function button(attributes, act, ...children) {
  const made = make("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", act);
  return made;
}

/** An icon of one line. */
export function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
