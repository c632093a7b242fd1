"""A real HTTP server on loopback that a test lets speak the OpenAI protocol."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def served(answer, *, reads_json=True, tls=None):
    """A server on loopback whose POST handler is `answer(handler, stopped)`; yields its URL and the requests it got."""
    requests = []
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            requests.append((self.path, headers, json.loads(body) if reads_json else body))
            try:
                answer(self, stopped)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *args):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a client that hangs up is what some tests are about
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/v1", requests
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def begin_stream(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.end_headers()


def send_piece(handler, text, finish=None):
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    handler.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
    handler.wfile.flush()


def streams(*pieces):
    def answer(handler, stopped):
        begin_stream(handler)
        for piece in pieces:
            send_piece(handler, piece)
        send_piece(handler, "", "stop")
        handler.wfile.write(b"data: [DONE]\n\n")

    return answer


def send_json(handler, content, status=200):
    body = json.dumps(content).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def completion(message, finish="stop"):
    """A whole answer of the chat completions endpoint."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


def calls_tool(arguments, name="Claims"):
    """An answer that calls the tool with the arguments, a mapping or a text."""
    said = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {"id": "t", "type": "function", "function": {"name": name, "arguments": said}}
    return lambda handler, stopped: send_json(
        handler, completion({"content": None, "tool_calls": [call]}, "tool_calls")
    )


def says(text):
    """An answer in plain text."""
    return lambda handler, stopped: send_json(handler, completion({"content": text}))


def in_turn(*answers):
    """The first answer to the first request, the second to the second, the last to all after it."""
    left = list(answers)

    def answer(handler, stopped):
        current = left.pop(0) if len(left) > 1 else left[0]
        current(handler, stopped)

    return answer
