"""A Lambda Runtime API of one event, and the other servers a function speaks to, each a Python function."""
import http.server
import queue
import threading


class Server:
    """Answers with `answer(method, path, body)` → (status, headers, body), until the block ends."""

    def __init__(self, answer, tls=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, content = answer(self.command, self.path, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Runtime(Server):
    """Hands out the event, and then nothing more until the block ends, as Lambda freezes an idle function."""

    def __init__(self, event):
        self.event = event
        self.asked = threading.Lock()
        self.left = threading.Event()
        self.outcomes = queue.Queue()
        super().__init__(self.answer)

    def answer(self, method, path, body):
        if method == "POST":
            self.outcomes.put((path.rsplit("/", 1)[1], body))
            return 202, {}, b""
        if self.asked.acquire(blocking=False):
            return 200, {"Lambda-Runtime-Aws-Request-Id": "id"}, self.event
        self.left.wait()
        return 500, {}, b""

    def outcome(self):
        """("response" or "error", what the function sent)."""
        return self.outcomes.get(timeout=30)

    def __exit__(self, *_):
        self.left.set()
        super().__exit__()
