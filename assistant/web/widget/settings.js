/* What the server wrote into the page: its words, and whose chat this is. */

const { dataset } = document.body;

export const settings = Object.freeze({
  key: dataset.key,
  language: dataset.language,
  parentOrigin: dataset.parentOrigin,
  theme: dataset.theme,
  isEmbedded: window.parent !== window,
  root: new URL("../../", import.meta.url),
});

const sentences = JSON.parse(document.getElementById("texts").textContent);

/** The sentence `key` with its `{…}` filled in; values are data and never become mark-up, since all of it is shown as text. */
export function t(key, values = {}) {
  return sentences[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
