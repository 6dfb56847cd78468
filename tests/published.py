"""A publisher's server on this machine, with the faults that servers have."""

import contextlib
import dataclasses
import http.server
import re
import threading


@dataclasses.dataclass
class Publisher:
    """What is served, how, and what was asked.

    Attributes:
      content: of the one file, at any path.
      status: answered in place of the file where it is not 200.
      breaks: after how many bytes of the file each connection ends, in the order of connections.
      ranges: whether a part may be asked for.
      asked: the Range header of each request, or None.
    """

    content: bytes
    status: int = 200
    breaks: list[int] = dataclasses.field(default_factory=list)
    ranges: bool = True
    asked: list[str | None] = dataclasses.field(default_factory=list)
    address: str = ""


def _handler(publisher: Publisher) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *arguments):
            """Keeps the terminal clean."""

        def do_GET(self):
            wanted = self.headers.get("Range")
            publisher.asked.append(wanted)
            start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted else 0
            start = start if publisher.ranges else 0
            whole = len(publisher.content)
            if publisher.status != 200:
                self.send_error(publisher.status)
            elif start and start >= whole:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{whole}")
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._send(start, whole)

        def _send(self, start, whole):
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
            self.send_header("Content-Length", str(whole - start))
            self.end_headers()
            end = publisher.breaks.pop(0) if publisher.breaks else whole
            self.wfile.write(publisher.content[start:end])

    return Handler


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that leaves early is no fault."""


@contextlib.contextmanager
def publishing(content: bytes):
    """Serves while the context lasts; yields the `Publisher`, whose fields may be changed."""
    publisher = Publisher(content)
    with _Server(("127.0.0.1", 0), _handler(publisher)) as server:
        publisher.address = f"http://127.0.0.1:{server.server_port}/models/net-00000000.pth"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield publisher
        finally:
            server.shutdown()
            thread.join()
