/* The conversation as it is drawn.

   In: messages as the server gives them. Out: elements of the log. Knows neither the network nor the page around. */

import { feedbackRow } from "./feedback.js";
import { button, fragment, make } from "./html.js";
import { t } from "./settings.js";

const chat = document.getElementById("chat");
const log = document.getElementById("log");
const shownCards = new WeakMap();
let followed = null;

for (const kind of ["wheel", "touchmove", "pointerdown"]) chat.addEventListener(kind, () => { followed = null; }, { passive: true });

export function clear() {
  log.replaceChildren();
  followed = null;
}

export function isEmpty() {
  return !log.hasChildNodes();
}

/** What the shopper said: its characters and its line breaks, nothing else. */
export function addShopper(text) {
  const row = make("div", { class: "row mine" }, make("span", { class: "unseen", text: t("frame_you") }), make("div", { class: "said", text }));
  log.append(row);
  return row;
}

/** A finished reply. `message` has `html` and `cards_html`, and where known `list_id`, `turn`, `from` and `handoff`. */
export function addReply(message, onFeedback) {
  const row = replyRow();
  fillReply(row, message, onFeedback);
  return row;
}

/** A reply that is still coming; screen readers hear it once, when it is whole. */
export function addComing() {
  const row = replyRow();
  row.classList.add("coming");
  row.setAttribute("aria-busy", "true");
  row.append(make("div", { class: "thinking", "aria-hidden": "true" }, make("span"), make("span"), make("span")));
  return row;
}

export function showCards(row, html) {
  row.querySelector(".cards")?.remove();
  const cards = cardsOf(html);
  if (cards) row.append(cards);
  shownCards.set(row, html);
}

export function showWords(row, words) {
  row.querySelector(".thinking")?.remove();
  let shown = row.querySelector(".growing");
  if (!shown) {
    shown = make("div", { class: "reply growing", "aria-hidden": "true" });
    row.prepend(shown);
  }
  shown.textContent = words.replaceAll("**", "").trimStart();
}

/** Puts the whole reply in the place of what had come of it; cards that stay the same are not drawn anew. */
export function fillReply(row, message, onFeedback) {
  row.classList.remove("coming");
  const isShown = shownCards.get(row) === message.cards_html;
  const cards = (isShown && row.querySelector(".cards")) || cardsOf(message.cards_html);
  row.replaceChildren(...[
    sender(message),
    fragment(message.html),
    cards,
    Number.isInteger(message.turn) ? feedbackRow(message.turn, onFeedback) : null,
  ].filter(Boolean));
  row.removeAttribute("aria-busy");
}

/** Leaves what had come of a reply as it is. Nothing of it can be referred to: the server forgets it. */
export function stopped(row) {
  row.classList.remove("coming");
  row.classList.add("stopped");
  row.removeAttribute("aria-busy");
  row.querySelector(".thinking")?.remove();
  row.querySelector(".growing")?.removeAttribute("aria-hidden");
  for (const list of row.querySelectorAll(".cards")) list.classList.add("older");
  row.append(make("p", { class: "thanks", text: t("frame_stopped") }));
}

/** A line of the page itself, with a way to try again where there is one. */
export function addNotice(text, retry) {
  const again = retry ? button({ class: "plain", text: t("frame_retry") }, retry) : null;
  const row = make("div", { class: "row notice" }, make("p", { text }), again);
  log.append(row);
  reveal(row);
  return row;
}

/** Keeps the shopper's last message at the top, so that the reply is read from its beginning. */
export function follow(row) {
  if (row) followed = row;
  if (!followed || !followed.isConnected) return;
  chat.scrollTop += followed.getBoundingClientRect().top - chat.getBoundingClientRect().top - 12;
}

function reveal(row) {
  row.scrollIntoView({ block: "nearest" });
}

function replyRow() {
  const row = make("div", { class: "row theirs" });
  log.append(row);
  return row;
}

/** Who speaks: a machine says so to those who cannot see it, and a person is named for everybody. */
function sender(message) {
  if (message.from === "person") return make("p", { class: "sender", text: t("frame_person") });
  if (message.handoff === "asked") return make("p", { class: "sender", text: t("frame_handoff_asked") });
  return make("span", { class: "unseen", text: t("frame_assistant") });
}

/** A card's title without what is only there for screen readers. */
export function cardTitle(card) {
  const words = card.querySelector(".card-title a") ?? card.querySelector(".card-title");
  return [...(words?.childNodes ?? [])].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("").trim();
}

function cardsOf(html) {
  if (!html) return null;
  const nodes = fragment(html);
  for (const link of nodes.querySelectorAll(".card-title a")) link.append(make("span", { class: "unseen", text: ` ${t("frame_new_tab")}` }));
  for (const cards of nodes.querySelectorAll(".cards")) cards.setAttribute("aria-label", t("frame_products"));
  for (const card of nodes.querySelectorAll(".card")) card.querySelector(".card-actions")?.setAttribute("aria-label", cardTitle(card));
  return nodes;
}
