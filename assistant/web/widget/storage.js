/* What the browser keeps for this shop: the session's token, and for the tab an unsent draft.

   A browser that gives a foreign frame no storage keeps both until the page is left. */

import { settings } from "./settings.js";

const TOKEN = `assistant.session.${settings.key}`;
const DRAFT = `assistant.draft.${settings.key}`;
const memory = new Map();

export const token = kept(() => localStorage, TOKEN);
export const draft = kept(() => sessionStorage, DRAFT);

/** Calls `forgotten` when another tab deleted the conversation. */
export function onForgottenElsewhere(forgotten) {
  addEventListener("storage", (event) => {
    if (event.key === TOKEN && event.newValue === null) forgotten();
  });
}

function kept(storage, name) {
  return {
    get: () => attempt(() => storage().getItem(name)) ?? memory.get(name) ?? null,
    set: (value) => {
      memory.set(name, value);
      attempt(() => storage().setItem(name, value));
    },
    remove: () => {
      memory.delete(name);
      attempt(() => storage().removeItem(name));
    },
  };
}

function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
