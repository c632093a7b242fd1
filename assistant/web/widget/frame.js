/* The chat in the frame: what the shopper does, what the server answers, what the page around is told. */

import * as api from "./api.js";
import { connect, pageContext, tell } from "./bridge.js";
import { alreadyReported, connectCards, newestList, offerCart, reportSeen, settleRefusals } from "./cards.js";
import { connectComposer } from "./composer.js";
import { button, make } from "./html.js";
import * as log from "./log.js";
import { connectMenu } from "./menu.js";
import { settings, t } from "./settings.js";
import { onForgottenElsewhere, token } from "./storage.js";
import { dress } from "./theme.js";
import { streamTurn } from "./turn.js";

const MAX_MESSAGE = 2000;
const parts = Object.fromEntries(
  ["welcome", "quick", "constraints", "connection", "person", "status", "chat", "close", "name"].map((id) => [id, document.getElementById(id)]),
);
const state = { isShown: !settings.isEmbedded, isPhone: false, context: null, user: null, turn: 0, running: null, failed: null, quick: [], restored: null };

const composer = connectComposer({ say: (text) => state.restored.then(() => say(text)), stop });
connectMenu({ newChat, erase, close: () => tell("close") });
connectCards({ say, announce });
connect({
  init: (page) => {
    state.context = pageContext(page.context);
    state.user = page.user;
    parts.close.hidden = page.mode !== "bubble";
    dress(page.scheme, page.theme);
    offerCart(page.cart);
    shown({ open: page.open, focus: false, phone: page.phone });
    state.restored.then(() => tell("ready"));
  },
  shown,
  say: ({ text }) => state.restored.then(() => say(text)),
  user: ({ user }) => { state.user = user; },
  context: ({ context }) => { state.context = pageContext(context); },
  theme: ({ scheme, theme }) => dress(scheme, theme),
  cart: ({ on }) => offerCart(on),
  reset: () => state.restored.then(newChat),
});
parts.close.addEventListener("click", () => tell("close"));
addEventListener("offline", () => connection(t("frame_offline")));
addEventListener("online", () => connection(null, t("frame_online")));
onForgottenElsewhere(drawEmpty);
dress(settings.theme);
if (!navigator.onLine) connection(t("frame_offline"));
state.restored = restore();

/* ---- From the beginning ---- */

async function restore() {
  try {
    const session = await api.restore();
    if (session && session.messages.length) drawSession(session);
    else await drawEmpty();
  } catch (error) {
    await drawEmpty();
    failed(error);
  }
}

function drawSession(session) {
  parts.welcome.hidden = true;
  log.clear();
  for (const message of session.messages) {
    if (message.role === "shopper") log.follow(log.addShopper(message.text));
    else log.addReply(message, feedback);
  }
  state.turn = session.turn;
  alreadyReported();
  newestList();
  drawQuick([]);
  drawConstraints(session.constraints);
  drawHandoff(null);
  log.follow();
}

async function drawEmpty() {
  state.running?.abort.abort();
  log.clear();
  newestList();
  state.turn = 0;
  parts.welcome.hidden = false;
  drawConstraints([]);
  drawHandoff(null);
  drawQuick([]);
  const texts = await api.starters().catch(() => []);
  if (log.isEmpty()) drawQuick(texts.map((text) => ({ text, n_products: null })));
}

/** The page shows or hides the frame, and says whether the keyboard's focus should come along. */
function shown({ open, focus, phone }) {
  state.isShown = open;
  state.isPhone = phone;
  if (open) reportSeen();
  if (open && focus) (phone ? parts.name : composer.box).focus({ preventScroll: true });
}

/* ---- A turn ---- */

/** `looking`: the context of this message alone, where it is about one product. */
async function say(text, looking = null) {
  const message = text.trim();
  if (!message) return;
  if (state.running) {
    composer.giveBack(message);
    return;
  }
  if (message.length > MAX_MESSAGE) {
    log.addNotice(t("too_long", { n: message.length.toLocaleString("en"), limit: MAX_MESSAGE.toLocaleString("en") }));
    composer.giveBack(message);
    return;
  }
  if (!navigator.onLine) {
    connection(t("frame_offline"));
    composer.giveBack(message);
    return;
  }
  const context = looking ? { ...state.context, ...looking } : state.context;
  await run({ message, turn_id: newTurnId(), ...(context ? { context } : {}) });
}

/** Takes one turn from the shopper's words to the finished reply, or to a notice and a way to try again. */
async function run(turn) {
  clearFailure();
  parts.welcome.hidden = true;
  composer.clear();
  const mine = log.addShopper(turn.message);
  const row = log.addComing();
  state.running = { turn, row, abort: new AbortController(), words: "" };
  const suggested = state.quick;
  composer.busy(true);
  drawQuick([]);
  announce(t("thinking"));
  log.follow(mine);
  tell("message", { role: "shopper", text: turn.message });
  try {
    await settleRefusals();
    await receive(state.running);
  } catch (error) {
    lost(error, turn, mine, row);
    drawQuick(suggested);
  } finally {
    state.running = null;
    composer.busy(false);
    connection(navigator.onLine ? null : t("frame_offline"));
  }
}

async function receive(running) {
  const events = streamTurn(running.turn, { signal: running.abort.signal, onWaiting: (isLost) => connection(isLost ? t("frame_reconnecting") : null) });
  for await (const { type, data } of events) {
    if (type === "products") log.showCards(running.row, data.html);
    else if (type === "text") log.showWords(running.row, (running.words += data.text));
    else if (type === "done") finish(running.row, data);
    else if (type === "error") throw new api.ApiError(500, data.code, data.message);
    log.follow();
  }
}

function finish(row, done) {
  const { reply } = done;
  const handoff = done.handoff ?? null;
  state.turn = Number.isInteger(done.turn) ? done.turn : state.turn + 1;
  log.fillReply(row, { ...done, turn: state.turn, handoff: handoff?.state }, feedback);
  newestList();
  if (state.isShown) reportSeen();
  drawQuick(done.quick_replies);
  drawConstraints(done.constraints);
  drawHandoff(handoff);
  announce("");
  tell("message", { role: "assistant", text: reply.text });
  if (handoff) tell("handoff", { state: handoff.state, reference: handoff.reference });
}

/** A turn that was stopped or failed: what was written comes back, and can be tried again. */
function lost(error, turn, mine, row) {
  composer.giveBack(turn.message);
  if (error.name === "AbortError" || error.code === "stopped") {
    log.stopped(row);
    announce(t("frame_stopped"));
    return;
  }
  row.remove();
  mine.classList.add("unsent");
  failed(error, () => run(error.status === 0 ? turn : { ...turn, turn_id: newTurnId() }));
  state.failed.rows.push(mine);
}

function failed(error, again) {
  const notice = log.addNotice(explained(error), again);
  state.failed = { rows: [notice] };
  tell("error", { code: error.code || "client", message: error.message });
  if (!(error instanceof api.ApiError)) console.error(error);
}

function explained(error) {
  if (error.status === 0) return t("frame_unreachable");
  if (error.status === 403) return t("frame_refused");
  if (error.status === 429 || error.status === 503) {
    return error.retryAfter ? t("frame_busy", { seconds: error.retryAfter }) : t("frame_busy_soon");
  }
  return t("error");
}

function clearFailure() {
  for (const row of state.failed?.rows ?? []) row.remove();
  state.failed = null;
}

/** What had come stays to be seen; the server keeps nothing of a turn that was stopped. */
async function stop() {
  const { running } = state;
  if (!running) return;
  running.abort.abort();
  await api.stop(running.turn.turn_id).catch(() => {});
}

/** A version 4 UUID; browsers know `crypto.randomUUID` on secure pages only. */
function newTurnId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/* ---- Around the conversation ---- */

function drawQuick(replies) {
  state.quick = replies;
  parts.quick.replaceChildren(...(replies ?? []).map(({ text, n_products: n }) => button({ class: "chip", text: n === null || n === undefined ? text : `${text} (${n})` }, () => say(text))));
  parts.quick.hidden = !parts.quick.hasChildNodes();
}

function drawConstraints(constraints) {
  parts.constraints.replaceChildren(...(constraints ?? []).map((each) => {
    const chip = button({ class: "chip", "aria-label": t("constraints_remove", { label: each.label }) }, () => dropConstraint(each), each.label, make("span", { text: "×", "aria-hidden": "true" }));
    return make("li", {}, chip);
  }));
  parts.constraints.hidden = !parts.constraints.hasChildNodes();
}

async function dropConstraint({ key, value }) {
  if (state.running) return;
  clearFailure();
  const row = log.addComing();
  state.running = { turn: {}, row, abort: new AbortController() };
  composer.busy(true, false);
  try {
    finish(row, await api.removeConstraint(key, value));
    log.follow(row);
    composer.box.focus({ preventScroll: true });
  } catch (error) {
    row.remove();
    failed(error);
  } finally {
    state.running = null;
    composer.busy(false);
  }
}

function drawHandoff(handoff) {
  const key = { sent: "frame_handoff_sent", kept: "frame_handoff_kept" }[handoff?.state];
  if (handoff && !key) return;
  parts.person.hidden = !key;
  parts.person.textContent = key ? t(key, { reference: handoff.reference ?? "–" }) : "";
}

async function feedback(turn, value, reason) {
  tell("feedback", { turn, value, reason });
  try {
    await api.sendFeedback(turn, value, reason);
    return true;
  } catch (error) {
    tell("error", { code: error.code || "client", message: error.message });
    return false;
  }
}

async function newChat() {
  await leaveBehind(api.beginAnew, t("frame_new_started"));
}

async function erase() {
  await leaveBehind(api.erase, t("frame_erased"));
}

async function leaveBehind(leave, told) {
  state.running?.abort.abort();
  try {
    await leave();
  } catch (error) {
    if (error.status !== 401) {
      failed(error);
      return;
    }
    token.remove();
  }
  composer.clear();
  clearFailure();
  await drawEmpty();
  announce(told);
  composer.box.focus({ preventScroll: true });
}

function connection(text, news) {
  parts.connection.hidden = !text;
  parts.connection.textContent = text ?? "";
  if (news) announce(news);
}

function announce(text) {
  parts.status.textContent = text;
}
