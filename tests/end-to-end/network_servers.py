# Servers that tests of the network talk to, in threads of the test itself; certificates made when the test runs.
import base64
import gzip
import hashlib
import http.server
import json
import socket
import socketserver
import ssl
import subprocess
import threading
from pathlib import Path


class Answers(http.server.BaseHTTPRequestHandler):
    """Paths say what is answered; what was asked is kept in `server.asked`."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        self.server.connections.add(self.client_address)
        route = self.server.routes.get(self.path.split("?")[0])
        if route is None:
            self.answer(404, "no such page", Content_Type="text/plain")
        else:
            route(self)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


def serve(test, routes, context=None):
    """An HTTP server on a free port of this machine, ended with the test; `asked` and `connections` tell what came."""
    server = Server(("127.0.0.1", 0), Answers)
    server.routes, server.asked, server.connections = routes, [], set()
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    server.port = server.server_address[1]
    server.url = f"{'https' if context else 'http'}://127.0.0.1:{server.port}"
    return server


def serve_raw(test, talk):
    """A TCP server that gives each connection to `talk(socket)`."""
    listener = socket.create_server(("127.0.0.1", 0))
    test.addCleanup(listener.close)

    def loop():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=guarded, args=(connection,), daemon=True).start()

    def guarded(connection):
        with connection:
            try:
                talk(connection)
            except OSError:
                pass

    threading.Thread(target=loop, daemon=True).start()
    return listener.getsockname()[1]


def certificate(folder: Path, name, hosts, days="30", ca=None):
    """A key and a certificate for `hosts`, signed by `ca` or by itself; gives the context of a server, and the file."""
    key, cert, request, extra = (folder / f"{name}.{end}" for end in ("key", "pem", "csr", "ext"))
    names = ",".join(f"{'IP' if host[0].isdigit() else 'DNS'}:{host}" for host in hosts)
    extra.write_text(f"subjectAltName={names}\nbasicConstraints=CA:{'FALSE' if ca else 'TRUE'}\n")
    run = lambda *command: subprocess.run(["openssl", *command], check=True, capture_output=True)  # noqa: E731
    run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key), "-out", str(request),
        "-subj", f"/CN={hosts[0]}")
    signer = ("-CA", str(folder / f"{ca}.pem"), "-CAkey", str(folder / f"{ca}.key"), "-CAcreateserial") if ca else ("-signkey", str(key))
    run("x509", "-req", "-in", str(request), "-out", str(cert), "-extfile", str(extra), "-days", days, *signer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


def json_answer(value, status=200, **headers):
    return lambda handler: handler.answer(status, json.dumps(value), Content_Type="application/json", **headers)


def packed(text):
    return lambda handler: handler.answer(200, gzip.compress(text), Content_Type="text/plain", Content_Encoding="gzip")


def read_until(connection, mark):
    """All bytes up to and with `mark`."""
    text = b""
    while not text.endswith(mark):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionError
        text += byte
    return text


def accept_websocket(connection):
    """Answers the handshake; gives the request's head."""
    head = read_until(connection, b"\r\n\r\n").decode()
    key = next(line.split(":", 1)[1].strip() for line in head.splitlines() if line.lower().startswith("sec-websocket-key:"))
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    connection.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    return head


def frame(payload, opcode=1, final=True, masked=False):
    """A WebSocket frame as a server sends it."""
    payload = payload if isinstance(payload, bytes) else payload.encode()
    size = len(payload)
    head = bytes([(0x80 if final else 0) | opcode])
    mark = 0x80 if masked else 0
    head += bytes([mark | size]) if size < 126 else bytes([mark | 126]) + size.to_bytes(2) if size < 65536 else bytes([mark | 127]) + size.to_bytes(8)
    return head + (bytes(4) if masked else b"") + payload


def read_frame(connection):
    """Opcode and payload of a client's frame."""
    def exactly(count):
        data = b""
        while len(data) < count:
            chunk = connection.recv(count - len(data))
            if not chunk:
                raise ConnectionError
            data += chunk
        return data

    first, second = exactly(2)
    size = second & 127
    size = int.from_bytes(exactly(2)) if size == 126 else int.from_bytes(exactly(8)) if size == 127 else size
    mask = exactly(4) if second & 128 else bytes(4)
    return first & 15, bytes(byte ^ mask[i % 4] for i, byte in enumerate(exactly(size)))
