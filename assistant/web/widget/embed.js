/* Builds the tag that a merchant pastes into their pages, and shows the chat that it gives.

   In: the form. Out: text to copy, and the real widget, loaded anew whenever the tag changes. */

const { version, integrity, copied, copyFailed } = document.body.dataset;
const form = document.getElementById("options");
const base = new URL("../../", import.meta.url);
const preview = document.getElementById("preview");
const DEFAULTS = { mode: "bubble", language: "", theme: "auto", position: "right", bottom: "20" };
let loading = null;

form.addEventListener("input", renew);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("copy").addEventListener("click", copy);
const asked = new URLSearchParams(location.search).get("key");
if ([...form.elements.key.options].some(({ value }) => value === asked)) form.elements.key.value = asked;
renew();

function renew() {
  const chosen = choice();
  for (const each of form.querySelectorAll("[data-for]")) each.hidden = each.dataset.for !== chosen.mode;
  form.elements.accent.disabled = !form.elements.own_accent.checked;
  document.getElementById("snippet").textContent = snippet(chosen);
  document.getElementById("policy").textContent = policy();
  show(chosen);
}

/** What the form says, without what does not belong to the mode. */
function choice() {
  const given = Object.fromEntries(new FormData(form));
  const isBubble = given.mode === "bubble";
  return {
    key: given.key ?? "",
    mode: given.mode,
    target: given.mode === "inline" ? given.target : "",
    language: given.language,
    theme: given.theme,
    accent: given.own_accent ? given.accent : "",
    position: isBubble ? given.position : DEFAULTS.position,
    bottom: isBubble ? given.bottom : DEFAULTS.bottom,
    pinned: Boolean(given.pinned),
  };
}

/** The attributes that differ from what the widget does by itself. */
function attributes(chosen) {
  const named = Object.entries(chosen).filter(([name, value]) => name !== "pinned" && value && value !== DEFAULTS[name]);
  return named.map(([name, value]) => [`data-${name}`, value]);
}

function snippet(chosen) {
  const path = chosen.pinned ? `widget/${version}/widget.js` : "widget.js";
  const pinned = chosen.pinned ? [["integrity", integrity], ["crossorigin", "anonymous"]] : [];
  const parts = [["src", new URL(path, base).href], ...attributes(chosen), ...pinned].map(([name, value]) => `${name}="${escaped(value)}"`);
  return `<script async ${parts.join("\n        ")}></script>`;
}

function escaped(value) {
  return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

function policy() {
  return `script-src ${base.origin};\nframe-src ${base.origin};`;
}

/** Waits for the hand to rest: every change of the tag is another start of the chat. */
function show(chosen) {
  clearTimeout(loading);
  loading = setTimeout(() => {
    window.ShoppingAssistant?.destroy();
    const box = document.createElement("div");
    box.id = "assistant-preview";
    box.hidden = chosen.mode === "bubble";
    document.getElementById("corner").hidden = !box.hidden;
    preview.replaceChildren(box);
    if (chosen.key) document.body.append(script(chosen));
  }, 250);
}

/** A chat as a whole page would cover this one, so it is shown inside it. */
function script(chosen) {
  const made = document.createElement("script");
  made.src = new URL(`widget/${version}/widget.js`, base).href;
  for (const [name, value] of attributes(chosen)) made.setAttribute(name, value);
  if (chosen.mode !== "bubble") {
    made.setAttribute("data-mode", "inline");
    made.setAttribute("data-target", "#assistant-preview");
  }
  made.addEventListener("load", () => made.remove());
  return made;
}

async function copy() {
  const told = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(document.getElementById("snippet").textContent);
    told.textContent = copied;
  } catch {
    told.textContent = copyFailed;
  }
}
