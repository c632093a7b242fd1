/* The server's doors, one function each.

   In: plain values. Out: JSON, or an `ApiError` that says what the server said. Makes a session when the first message
   needs one, and a new one where the server has forgotten the old. */

import { settings } from "./settings.js";
import { token } from "./storage.js";

/** A refusal in the server's own words. `status` 0: the server was not reached. */
export class ApiError extends Error {
  constructor(status, code, message, retryAfter) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The conversation so far, or null where there is none. */
export async function restore() {
  if (!token.get()) return null;
  try {
    return await json("GET", "api/session");
  } catch (error) {
    if (error.status !== 401) throw error;
    token.remove();
    return null;
  }
}

export async function starters() {
  const found = await json("GET", `api/starters?language=${settings.language}`);
  return found.starters;
}

/** Leaves the conversation behind; what is known of the shopper stays. A server that goes on with the same shopper says
    under which token. */
export async function beginAnew() {
  if (!token.get()) return;
  const next = await json("DELETE", "api/session?keep=profile");
  if (next?.token) token.set(next.token);
  else token.remove();
}

/** Erases the conversation and all that is known of the shopper, here and on the server. */
export async function erase() {
  if (token.get()) await json("DELETE", "api/session");
  token.remove();
}

export function removeConstraint(key, value) {
  return json("DELETE", "api/constraints", { key, value });
}

export function sendFeedback(turn, value, reason) {
  return json("POST", "api/feedback", reason ? { turn, value, reason } : { turn, value });
}

export function stop(turnId) {
  return json("POST", "api/chat/stop", { turn_id: turnId });
}

/** Events are worth an attempt and no more: a shopper must not notice when one is lost. */
export async function record(events) {
  if (!token.get() || !events.length) return;
  await call("POST", "api/events", { events }, { keepalive: true }).catch(() => {});
}

/** Opens the stream of a turn; `lastId` goes on behind an event that has come already. */
export async function openTurn(turn, lastId, signal) {
  const headers = { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) };
  await ensureSession();
  try {
    return await call("POST", "api/chat", { ...turn, html: true }, { headers, signal });
  } catch (error) {
    if (error.status !== 401) throw error;
    token.remove();
    await ensureSession();
    return call("POST", "api/chat", { ...turn, html: true }, { headers: { Accept: "text/event-stream" }, signal });
  }
}

async function ensureSession() {
  if (token.get()) return;
  const made = await json("POST", "api/session", { language: settings.language });
  token.set(made.token);
}

async function json(method, path, body) {
  const response = await call(method, path, body);
  return response.status === 204 ? null : response.json();
}

async function call(method, path, body, { headers = {}, ...options } = {}) {
  const known = token.get();
  const response = await reach(new URL(path, settings.root), {
    method,
    credentials: "omit",
    cache: "no-store",
    headers: {
      "X-Site-Key": settings.key,
      ...(known ? { Authorization: `Bearer ${known}` } : {}),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    ...options,
  });
  if (!response.ok) throw await refusal(response);
  return response;
}

async function reach(address, request) {
  try {
    return await fetch(address, request);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", String(error.message));
  }
}

async function refusal(response) {
  const said = await response.json().catch(() => ({}));
  const error = typeof said.error === "object" && said.error ? said.error : {};
  const wait = Number.parseInt(response.headers.get("Retry-After") || "", 10);
  return new ApiError(response.status, error.code || "http", error.message || response.statusText, Number.isNaN(wait) ? null : wait);
}
