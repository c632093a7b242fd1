/* What a shopper does with a card: compare, more like it, not for me, into the cart, look at it in the shop.

   In: clicks in the log. Out: what is said, what is recorded, what the page is told. What is said is in the cards'
   attributes. Ordinals ("the second") mean the list that was shown last, so only that list's cards are compared. */

import { record } from "./api.js";
import { tell } from "./bridge.js";
import { button } from "./html.js";
import { cardTitle } from "./log.js";
import { t } from "./settings.js";

const MOST_COMPARED = 4;
const log = document.getElementById("log");
const bar = document.getElementById("compare");
const reported = new Set();
const pending = new Map();
let say = () => {};
let announce = () => {};

/** Wires the log. `handlers.say` says something as the shopper, `handlers.announce` tells screen readers. */
export function connectCards(handlers) {
  ({ say, announce } = handlers);
  log.addEventListener("click", clicked);
  log.addEventListener("auxclick", clicked);
  document.getElementById("compare-go").addEventListener("click", compare);
  document.getElementById("compare-clear").addEventListener("click", () => clearChoice(true));
  addEventListener("pagehide", settleRefusals);
}

/** Only the newest list can be compared. */
export function newestList() {
  clearChoice();
  const lists = log.querySelectorAll(".cards");
  for (const list of lists) list.classList.toggle("older", list !== lists[lists.length - 1]);
}

/** Tells once of each list that a shopper can see. */
export function reportSeen() {
  for (const list of log.querySelectorAll(".cards[data-list]")) reportShown(list);
}

/** Lists of a restored conversation were reported when they were new. */
export function alreadyReported() {
  for (const list of log.querySelectorAll(".cards[data-list]")) reported.add(list.dataset.list);
}

/** A refusal can be undone until something else is said, or the page is left; then it counts. */
export async function settleRefusals() {
  const events = [...pending.values()];
  for (const card of pending.keys()) card.querySelector(".card-undo")?.remove();
  pending.clear();
  await record(events);
}

function reportShown(list) {
  const id = list.dataset.list;
  if (!id || reported.has(id)) return;
  reported.add(id);
  record([...list.querySelectorAll(".card[data-product]")].map((card) => ({ type: "impression", ...placed(card) })));
}

/** Where a card stands: its product, list and position, as events state them. */
function placed(card) {
  const position = Number.parseInt(card.dataset.position, 10);
  return {
    product_id: card.dataset.product,
    ...(card.parentElement.dataset.list ? { list_id: card.parentElement.dataset.list } : {}),
    ...(Number.isNaN(position) ? {} : { position }),
  };
}

function clicked(event) {
  const card = event.target.closest(".card");
  if (!card) return;
  const link = event.target.closest("a[href]");
  if (link) follow(card, link);
  else if (event.type === "click") act(card, event.target.closest(".card-action"));
}

function follow(card, link) {
  record([{ type: "click", ...placed(card) }]);
  tell("product_click", { url: link.href, ...placed(card) });
}

function act(card, action) {
  if (!action) return;
  const acts = { compare: choose, similar: findAlike, not_for_me: refuse, add_to_cart: addToCart };
  acts[action.dataset.action]?.(card, action);
}

/** Said with the card's product as what the shopper looks at. */
function findAlike(card, action) {
  say(action.dataset.say, { product: card.dataset.product });
}

/* ---- Comparing ---- */

function chosenCards() {
  return [...log.querySelectorAll(".card.chosen")];
}

function choose(card, action) {
  const isChosen = card.classList.contains("chosen");
  if (!isChosen && chosenCards().length === MOST_COMPARED) {
    announce(t("frame_compare_full"));
    document.getElementById("chosen").textContent = t("frame_compare_full");
    return;
  }
  card.classList.toggle("chosen", !isChosen);
  action.setAttribute("aria-pressed", String(!isChosen));
  drawChoice();
}

function drawChoice() {
  const n = chosenCards().length;
  bar.hidden = n === 0;
  document.getElementById("chosen").textContent = n === 1 ? t("frame_compare_more") : t("frame_compare_chosen", { n });
  document.getElementById("compare-go").disabled = n < 2;
}

function compare() {
  const chosen = chosenCards();
  const { sayCompare, comma } = chosen[0].parentElement.dataset;
  const names = chosen.map((card) => card.dataset.ordinal);
  clearChoice();
  say(sayCompare.replace("{first}", names.slice(0, -1).join(comma)).replace("{last}", names.at(-1)));
}

function clearChoice(returnFocus = false) {
  const first = chosenCards()[0];
  for (const card of chosenCards()) {
    card.classList.remove("chosen");
    card.querySelector("[data-action=compare]")?.setAttribute("aria-pressed", "false");
  }
  bar.hidden = true;
  if (returnFocus) first?.querySelector("[data-action=compare]")?.focus();
}

/* ---- Not for me ---- */

function refuse(card) {
  pending.set(card, { type: "not_interested", ...placed(card) });
  card.classList.add("refused");
  const undo = button({ class: "card-undo card-action", text: t("frame_undo") }, () => {
    pending.delete(card);
    card.classList.remove("refused");
    undo.remove();
    card.querySelector("[data-action=not_for_me]")?.focus();
  });
  card.querySelector(".card-actions")?.append(undo);
  undo.focus();
  announce(t("frame_hidden", { title: cardTitle(card) }));
}

/* ---- Cart ---- */

/** The page's own cart takes the product; a page that does not listen gets no such button. */
export function offerCart(isOn) {
  document.body.classList.toggle("has-cart", isOn);
}

function addToCart(card, action) {
  const place = placed(card);
  record([{ type: "add_to_cart", quantity: 1, ...place }]);
  tell("add_to_cart", { quantity: 1, title: cardTitle(card), ...place });
  announce(t("frame_added", { title: cardTitle(card) }));
  const label = action.textContent;
  action.textContent = t("frame_in_cart");
  setTimeout(() => { action.textContent = label; }, 3000);
}
