"""An app's own server, as far as a test needs one: it hands over what was posted to it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue


class Listener:
    """Listens on a free port until it is closed."""

    def __init__(self):
        posted = self._posted = SimpleQueue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                posted.put((self.path, self.rfile.read(length).decode()))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                """Says nothing: the tests' output is read by people."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def next(self):
        """The next post, its path and its body. It may have come already; if none comes, the test has failed."""
        return self._posted.get(timeout=60)

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
