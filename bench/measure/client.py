"""A client that asks for one path, and keeps the connection."""

import enum
import socket
import ssl

PATIENCE_SECONDS = 5
UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

# RFC 9113 sections 3.4, 4.1 and 6; RFC 7541 section 6 and appendix A.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 7, 8
ACK = END_STREAM = 1
END_HEADERS = 4
INITIAL_WINDOW_SIZE = 4
WINDOW_BYTES = 4 << 20
STATUS_200 = 0x88


class Protocol(enum.Enum):
    """What a client speaks: HTTP/1.1 or HTTP/2, in the clear or over TLS."""

    HTTP1 = ("HTTP/1.1", False, False)
    HTTPS = ("HTTP/1.1 over TLS", True, False)
    H2C = ("HTTP/2", False, True)
    H2 = ("HTTP/2 over TLS", True, True)

    def __init__(self, title, secure, http2):
        self.title, self.secure, self.http2 = title, secure, http2

    @property
    def scheme(self):
        return "https" if self.secure else "http"


def ask(port, path, protocol=Protocol.HTTP1, field="", status=200):
    """An open connection on which that path has been asked for, with that status or a switch to WebSocket; else OSError."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
    try:
        if protocol.secure:
            connection = secured(connection, "h2" if protocol.http2 else "http/1.1")
        if protocol.http2:
            ask_http2(connection, path, protocol.scheme)
        else:
            ask_http1(connection, path, field, status)
        return connection
    except BaseException:
        connection.close()
        raise


def secured(connection, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # it is our own, made for this run
    context.set_alpn_protocols([name])
    secure = context.wrap_socket(connection)
    if name == "h2" and secure.selected_alpn_protocol() != "h2":
        secure.close()
        raise OSError("no HTTP/2")
    return secure


def ask_http1(connection, path, field, status):
    head = f"{'POST' if path == '/echo' else 'GET'} {path} HTTP/1.1\r\nHost: localhost\r\n"
    more = UPGRADE if path in ("/ws", "/bcast") else "Content-Length: 1\r\n" if path == "/echo" else ""
    more += f"{field}\r\n" if field else ""
    connection.sendall((head + more + "\r\n" + ("x" if path == "/echo" else "")).encode())
    words = connection.recv(4096).split(b" ", 2)
    got = words[1] if len(words) > 1 else b"nothing"
    if got not in (str(status).encode(), b"101"):
        raise OSError(f"{got.decode('latin1')} to {path}")


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def ask_http2(connection, path, scheme):
    fields = b"\x82" + (b"\x87" if scheme == "https" else b"\x86")  # :method GET and :scheme, from the static table
    fields += b"\x04" + bytes([len(path)]) + path.encode() + b"\x01\x09localhost"  # :path and :authority, not to be kept
    window = INITIAL_WINDOW_SIZE.to_bytes(2, "big") + WINDOW_BYTES.to_bytes(4, "big")
    connection.sendall(
        PREFACE
        + frame(SETTINGS, 0, 0, window)
        + frame(WINDOW_UPDATE, 0, 0, WINDOW_BYTES.to_bytes(4, "big"))
        + frame(HEADERS, END_STREAM | END_HEADERS, 1, fields)
    )
    input = connection.makefile("rb")
    while True:
        head = input.read(9)
        length = int.from_bytes(head[:3], "big")
        if len(head) < 9 or length > 1 << 14:
            raise OSError("no HTTP/2")
        payload = input.read(length)
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(frame(SETTINGS, ACK, 0, b""))
        elif kind in (RST_STREAM, GOAWAY):
            raise OSError(f"no {path} over HTTP/2")
        elif kind == HEADERS and STATUS_200 not in payload[:8]:  # behind a change of the table's size, perhaps
            raise OSError(f"no 200 to {path} over HTTP/2")
        if stream == 1 and kind in (DATA, HEADERS) and flags & END_STREAM:
            return
