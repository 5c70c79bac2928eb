"""The rows of the comparison."""

from collections.abc import Callable
from dataclasses import dataclass

from . import kinds
from .client import Protocol
from .environment import FILES_MODIFIED_FIELD, ROOT
from .loads import ConstantRate, H2load, Handshakes, JavaLoad, Wrk


@dataclass(frozen=True)
class Scenario:
    """One row: what is asked of a server, by which load, and how that is measured."""

    path: str
    connections: int
    load: object | None = None
    kind: Callable = kinds.requests
    protocol: Protocol = Protocol.HTTP1
    asks: frozenset = frozenset()  # what not every server is made for: sleep, bcast, close, files, siblings
    field: str = ""  # a header field of the requests
    status: int = 200
    unit: str = "request"

    @property
    def units(self):
        return self.unit[:-1] + "ies" if self.unit.endswith("y") else self.unit + "s"

    @property
    def tools(self):
        """What has to be installed, by the names of `environment.PACKAGES`."""
        return [each for each in (self.load and self.load.tool, "openssl" if self.protocol.secure else None) if each]


def files(path, field="", status=200, connections=64, asks=()):
    return Scenario(f"/files/{path}", connections, Wrk(), asks=frozenset({"files", *asks}), field=field, status=status)


SLOW, CASTING, ENDING = (frozenset({each}) for each in ("sleep", "bcast", "close"))
HTTPS, H2C, H2 = Protocol.HTTPS, Protocol.H2C, Protocol.H2

SCENARIOS = {
    "plaintext": Scenario("/plaintext", 64, Wrk()),
    "pipelined": Scenario("/plaintext", 64, Wrk("-s", f"{ROOT}/bench/pipelined.lua")),
    "echo": Scenario("/echo", 64, Wrk("-s", f"{ROOT}/bench/echo.lua")),
    "64k": Scenario("/bytes/65536", 64, Wrk()),
    "1m": Scenario("/bytes/1048576", 16, Wrk()),
    "sleep": Scenario("/sleep/10", 512, Wrk(), asks=SLOW),
    "churn": Scenario("/plaintext", 64, Wrk(), asks=ENDING, field="Connection: close"),
    "latency": Scenario("/plaintext", 64, ConstantRate()),
    "mixed": Scenario("/plaintext", 64, ConstantRate(), kinds.mixed, asks=SLOW | CASTING),
    "ws": Scenario("/ws", 64, JavaLoad("WebSocketLoad"), unit="message"),
    "bcast": Scenario("/bcast", 1000, JavaLoad("WebSocketLoad"), asks=CASTING, unit="delivery"),
    "file-1k": files("1k.bin"),
    "file-64k": files("64k.bin"),
    "file-1m": files("1m.bin", connections=16),
    "file-gzip": files("64k.txt", "Accept-Encoding: gzip", asks=("siblings",)),
    "file-304": files("1k.bin", f"If-Modified-Since: {FILES_MODIFIED_FIELD}", 304),
    "file-206": files("64k.bin", "Range: bytes=100-1123", 206),
    "https": Scenario("/plaintext", 64, H2load(), protocol=HTTPS),
    "https-64k": Scenario("/bytes/65536", 64, H2load(), protocol=HTTPS),
    "https-1m": Scenario("/bytes/1048576", 16, H2load(), protocol=HTTPS),
    "tls-handshake": Scenario("/plaintext", 16, Handshakes(), protocol=HTTPS, unit="handshake"),
    "tls-resume": Scenario("/plaintext", 16, Handshakes(resumes=True), protocol=HTTPS, unit="handshake"),
    "h2c-m1": Scenario("/plaintext", 16, H2load(), protocol=H2C),
    "h2c-m32": Scenario("/plaintext", 16, H2load(streams=32), protocol=H2C),
    "h2c-64k": Scenario("/bytes/65536", 16, H2load(streams=8), protocol=H2C),
    "h2-tls-m32": Scenario("/plaintext", 16, H2load(streams=32), protocol=H2),
    "warm": Scenario("/plaintext", 64, Wrk(), kinds.warming),
    "warm-sleep": Scenario("/sleep/10", 512, Wrk(), kinds.warming, asks=SLOW),
    "crowd": Scenario("/plaintext", 64, Wrk(), kinds.crowded),
    "idle": Scenario("/plaintext", 4000, kind=kinds.idle),
    "idle-ws": Scenario("/ws", 4000, kind=kinds.idle),
    "idle-tls": Scenario("/plaintext", 4000, kind=kinds.idle, protocol=HTTPS),
    "h2-idle": Scenario("/plaintext", 4000, kind=kinds.idle, protocol=H2C),
    "startup": Scenario("/plaintext", 1, kind=kinds.startup),
}
