/* What the browser keeps for this shop: the session's token, and for the tab an unsent draft.

   A frame on another site's page gets storage of its own for that site, or, where the shopper has third-party storage
   blocked, none; then the token is kept in a cookie of the same reach (Partitioned: only in frames on that site's pages,
   read by this page's script alone). What can be kept nowhere is kept until the page is left. */

import { settings } from "./settings.js";

const TOKEN = `assistant.session.${settings.key}`;
const DRAFT = `assistant.draft.${settings.key}`;
const TOKEN_DAYS = 180;
const memory = new Map();

const cookies = {
  getItem: (name) => document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? null,
  setItem: (name, value) => writeCookie(name, value, TOKEN_DAYS * 24 * 3600),
  removeItem: (name) => writeCookie(name, "", 0),
};
const longLived = attempt(() => localStorage) ?? cookies;
const ofTheTab = attempt(() => sessionStorage);

export const token = kept(longLived, TOKEN);
export const draft = kept(ofTheTab, DRAFT);

/** Calls `forgotten` when another tab deleted the conversation. */
export function onForgottenElsewhere(forgotten) {
  addEventListener("storage", (event) => {
    if (event.key === TOKEN && event.newValue === null) forgotten();
  });
}

function kept(shelf, name) {
  return {
    get: () => attempt(() => shelf.getItem(name)) ?? memory.get(name) ?? null,
    set: (value) => {
      memory.set(name, value);
      attempt(() => shelf.setItem(name, value));
    },
    remove: () => {
      memory.delete(name);
      attempt(() => shelf.removeItem(name));
    },
  };
}

function writeCookie(name, value, seconds) {
  document.cookie = `${name}=${value}; Path=${location.pathname}; Max-Age=${seconds}; Secure; SameSite=None; Partitioned`;
}

function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
