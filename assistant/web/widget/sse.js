/* Server-sent events out of a stream of text, as the HTML standard reads them (section 9.2.6).

   In: pieces of text, cut anywhere. Out: {type, data, id} for each event. Knows nothing of chats. */

/** Reads pieces with `push`, and gives `onEvent` each event as soon as its blank line has come. */
export class EventParser {
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.rest = "";
    this.lastId = "";
    this.clear();
  }

  push(piece) {
    this.rest += piece;
    for (;;) {
      const end = /\r\n|\n|\r/.exec(this.rest);
      /* A carriage return at the very end may be half of a line break whose other half is still to come. */
      if (!end || (end[0] === "\r" && end.index === this.rest.length - 1)) return;
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      this.read(line);
    }
  }

  read(line) {
    if (line === "") this.dispatch();
    else if (!line.startsWith(":")) this.field(line);
  }

  field(line) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.data.push(value);
    else if (name === "event") this.type = value;
    else if (name === "id" && !value.includes("\0")) this.lastId = value;
  }

  dispatch() {
    const event = { type: this.type || "message", data: this.data.join("\n"), id: this.lastId };
    const isEmpty = this.data.length === 0;
    this.clear();
    if (!isEmpty) this.onEvent(event);
  }

  clear() {
    this.type = "";
    this.data = [];
  }
}

/** The events of a response's body, as they come. */
export async function* eventsOf(body) {
  const events = [];
  const parser = new EventParser((event) => events.push(event));
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.push(value);
      yield* events.splice(0);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
