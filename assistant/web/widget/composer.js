/* Where the shopper writes: a box that grows, Enter that sends, a draft that is not lost.

   In: keys. Out: `say(text)` and `stop()`. Enter that ends the composition of Chinese characters sends nothing. */

import { draft } from "./storage.js";

const MOST_LINES = 5;
const COMPOSING_KEY = 229;
const box = document.getElementById("box");
const form = document.getElementById("say");
const send = document.getElementById("send");
const stopButton = document.getElementById("stop");

export function connectComposer({ say, stop }) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!send.hidden) say(box.value);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === COMPOSING_KEY) return;
    event.preventDefault();
    form.requestSubmit();
  });
  box.addEventListener("input", () => { draft.set(box.value); grow(); });
  stopButton.addEventListener("click", () => { box.focus(); stop(); });
  addEventListener("resize", grow);
  // A quick shopper may have begun before this script came.
  box.value ||= draft.get() ?? "";
  grow();
  return { box, busy, clear, giveBack };
}

/** While a reply comes, "send" gives way to "stop", unless the reply cannot be stopped. */
function busy(isBusy, canStop = true) {
  const hadFocus = document.activeElement === send || document.activeElement === stopButton;
  send.hidden = isBusy && canStop;
  send.disabled = isBusy;
  stopButton.hidden = !(isBusy && canStop);
  if (hadFocus) box.focus();
}

function clear() {
  box.value = "";
  draft.remove();
  grow();
}

/** Puts a message that was not answered back, unless the shopper has begun another one. */
function giveBack(text) {
  if (box.value.trim()) return;
  box.value = text;
  draft.set(text);
  grow();
}

function grow() {
  const style = getComputedStyle(box);
  box.style.height = "auto";
  const most = MOST_LINES * Number.parseFloat(style.lineHeight) + Number.parseFloat(style.paddingTop) + Number.parseFloat(style.paddingBottom);
  box.style.height = `${Math.min(box.scrollHeight, most)}px`;
}
