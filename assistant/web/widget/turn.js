/* One turn of the conversation as a stream of events that survives a lost connection.

   In: what the shopper says. Out: {type, data} as the server sends them, the last one "done" or "error". Where the
   connection breaks it is taken up again behind the last event that came. */

import { ApiError, openTurn } from "./api.js";
import { eventsOf } from "./sse.js";

const PAUSES_MS = [500, 1500, 4000];
const PASSING = new Set([0, 502, 504]);
const OFFLINE_MS = 30000;

/** Raises `ApiError` where the server refuses, or cannot be reached after three more attempts. */
export async function* streamTurn(turn, { signal, onWaiting = () => {} }) {
  let lastId = "";
  let failures = 0;
  for (;;) {
    try {
      const response = await openTurn(turn, lastId, signal);
      for await (const event of eventsOf(response.body)) {
        if (event.id) lastId = event.id;
        failures = 0;
        onWaiting(false);
        yield { type: event.type, data: JSON.parse(event.data) };
        if (event.type === "done" || event.type === "error") return;
      }
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof ApiError && !PASSING.has(error.status)) throw error;
    }
    if (failures === PAUSES_MS.length) throw new ApiError(0, "unreachable", "The connection was lost.");
    onWaiting(true);
    await online();
    await pause(PAUSES_MS[failures], signal);
    failures += 1;
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
}

/** Settles when the browser is online again, or after half a minute: what it says of itself is not always true. */
function online() {
  if (navigator.onLine) return Promise.resolve();
  return new Promise((resolve) => {
    addEventListener("online", resolve, { once: true });
    setTimeout(resolve, OFFLINE_MS);
  });
}
