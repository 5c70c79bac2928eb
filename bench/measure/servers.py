"""Servers: how they are started, asked, stopped for a while and ended."""

import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from .client import Protocol, ask
from .environment import JAVA, ROOT, TARGET, Unfit, missing

HEAP = "-Xms256m -Xmx2g"
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30
PORTS = range(23200, 30000)  # below those that the system gives to clients
UNTRIED_PORTS = itertools.islice(itertools.cycle(PORTS), os.getpid() * 7919 % len(PORTS), None)  # far from those of another run

DISPATCHES = "adaptive", "inline", "worker"
OURS = "netty", "netty-epoll", "jdk", "jdk-httpkit"  # peers of the module bench
STRANGERS = "vertx", "undertow", "jetty", "helidon", "microhttp", "robaho"  # those of bench/peers
PEERS = OURS + STRANGERS + ("nginx",)
PLAIN_ONLY = ("microhttp",)
HTTP1_ONLY = "microhttp", "jdk"
WITH_FILES = "vertx", "undertow", "jetty", "helidon"
NO_SIBLINGS = frozenset({"siblings"})  # it sends no compressed file in place of the one that it lies beside
PEM = "--tls-port {tlsport} --tls-cert {cert} --tls-key {key}"


@dataclass(frozen=True)
class Command:
    """A command line with placeholders, and the words to add for what only some scenarios ask; None: the server cannot do that."""

    words: str
    tls: str | None = None
    http2: str | None = None
    files: str | None = None
    without: frozenset = NO_SIBLINGS  # what scenarios ask and this server is not made for

    def words_for(self, protocol, asks):
        words = self.words
        for asked, what, more in (
            (protocol.secure, "TLS", self.tls),
            (protocol.http2, "HTTP/2", self.http2),
            ("files" in asks, "files", self.files),
        ):
            if asked and more is None:
                raise Unfit(f"no {what}")
            words += f" {more}" if asked else ""
        if self.without & asks:
            raise Unfit(f"not made for: {', '.join(sorted(self.without & asks))}")
        return words

    @staticmethod
    def of_stranger(words):
        """Its placeholders say what it can do."""
        return Command(words, "" if "{tlsport}" in words else None, "", "" if "{files}" in words else None)


class Server:
    """A running server, on CPU 0 unless nothing is pinned. It answers from the beginning, and ends with `end`."""

    def __init__(self, name, command, options, protocol=Protocol.HTTP1, asks=frozenset()):
        words = command.words_for(protocol, asks)
        port, tls_port = free_ports()
        places = options.places | {"port": str(port), "tlsport": str(tls_port)}
        argv = [re.sub(r"\{(\w+)\}", lambda match: places.get(match[1], match[0]), word) for word in words.split()]
        self.name, self.protocol = name, protocol
        self.port = tls_port if protocol.secure else port
        began = time.monotonic()
        with open(TARGET / f"{name}.log", "w") as log:
            self.process = subprocess.Popen(([] if options.free else ["taskset", "-c", "0"]) + argv, stdout=log, stderr=log)
        try:
            while not self.has("/plaintext"):
                if self.process.poll() is not None:
                    raise Unfit(f"does not start, see bench/target/{name}.log")
                if time.monotonic() - began > START_SECONDS:
                    raise Unfit(f"does not answer over {protocol.title}, see bench/target/{name}.log")
                time.sleep(0.002)
        except BaseException:
            self.end()
            raise
        self.start_millis = (time.monotonic() - began) * 1000

    def ask(self, path, field="", status=200):
        return ask(self.port, path, self.protocol, field, status)

    def has(self, path, field="", status=200):
        try:
            self.ask(path, field, status).close()
            return True
        except OSError:
            return False

    def require(self, path, field="", status=200):
        try:
            self.ask(path, field, status).close()
        except OSError as failure:
            raise Unfit(f"{path}: {failure}") from None

    def url(self, path):
        return f"{self.protocol.scheme}://127.0.0.1:{self.port}{path}"

    def live_bytes(self):
        """Bytes of the heap in use after a collection; None if it is no JVM."""
        jcmd = Path(os.readlink(f"/proc/{self.process.pid}/exe")).with_name("jcmd")
        if not jcmd.exists():
            return None
        histogram = subprocess.run([jcmd, str(self.process.pid), "GC.class_histogram"], capture_output=True, text=True)
        return int(re.search(r"^Total +\d+ +(\d+)", histogram.stdout, re.M).group(1))

    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) << 10

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        self.go_on()
        self.process.kill()
        self.process.wait()


def free_ports(count=2):
    """As many ports that nobody listens on."""
    found = []
    for port in UNTRIED_PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                found.append(port)
            except OSError:
                continue
        if len(found) == count:
            return found


def java_feature():
    version = subprocess.run([JAVA, "-version"], capture_output=True, text=True).stderr
    return int(re.search(r'version "(\d+)', version).group(1))


def our_commands(dispatches):
    """The floor, and the probe with each of these dispatches."""
    probe = f"{JAVA} {HEAP} -cp {classes('server', 'web', 'examples')} org.httpkit.examples.Probe --port {{port}} --dispatch"
    commands = {"floor": Command("bench/target/floor {port}", without=frozenset({"sleep", "bcast"}))}
    for dispatch in dispatches:
        blocked = frozenset({"sleep"} if dispatch == "inline" else ())  # its handlers must not block
        commands[f"httpkit {dispatch}"] = Command(
            f"{probe} {dispatch}", PEM, "", "--files {files}", blocked
        )
    return commands


def classes(*modules):
    return ":".join(f"{module}/target/classes" for module in modules)


def peers(names):
    """The commands of the peers that were asked for. Those in bench/peers have a build of their own, which takes a JDK from 21 on."""
    wanted = {"all": PEERS, "none": ()}.get(names, names.split(","))
    for peer in wanted:
        if peer not in PEERS:
            raise SystemExit(f"There is no peer {peer}; there are {', '.join(PEERS)}, all and none")
    if set(wanted) & set(STRANGERS):
        home = Path(shutil.which(JAVA)).resolve().parent.parent
        if java_feature() < 21:
            raise SystemExit(f"These peers take a JDK from 21 on, and {home} is older: name one in HTTPKIT_JAVA, or see --peers")
        subprocess.run("mvn -q -ntp -f bench/peers process-classes".split(), check=True, env=os.environ | {"JAVA_HOME": str(home)})
    if "nginx" in wanted and missing("nginx"):
        print(f"Left out: nginx, since {missing('nginx')}", file=sys.stderr)
        wanted = [peer for peer in wanted if peer != "nginx"]
    return {peer: peer_command(peer) for peer in wanted}


def peer_command(peer):
    if peer == "nginx":
        return Command("bench/nginx {port}", PEM, "--http2 on", "--files {files}", frozenset({"sleep", "bcast"}))
    library = "bench/target/httpkit-bench.jar org.httpkit.bench.Peer " + peer
    if peer == "jdk-httpkit":  # the same program, on the module that implements its API
        provider = "-Dcom.sun.net.httpserver.HttpServerProvider=org.httpkit.jdkhttpserver.HttpKitProvider"
        library = f"bench/target/httpkit-bench.jar:{classes('jdk-httpserver')} {provider} org.httpkit.bench.Peer jdk"
    if peer in STRANGERS:
        library = f"bench/peers/target/classes:bench/peers/target/lib/* org.httpkit.bench.peers.{peer.title()}Peer"
    return Command(
        f"{JAVA} {HEAP} -cp {library} {{port}}",
        None if peer in PLAIN_ONLY else "--tls-port {tlsport} --tls-store {store}",
        None if peer in HTTP1_ONLY else "--http2 on",
        "--files {files}" if peer in WITH_FILES else None,
        NO_SIBLINGS | ({"close"} if peer == "microhttp" else set()),  # it keeps connections that are to end
    )


@dataclass(frozen=True)
class Archive:
    """What a rehearsal leaves for the next start of the probe, and the options of the JVM that write and use it."""

    title: str
    write: str
    use: str
    file: Path
    since_java: int
    loaded: bool = False  # whether the rehearsal takes load, for profiles of methods


ARCHIVES = (
    Archive("an archive of classes", "-XX:ArchiveClassesAtExit=", "-XX:SharedArchiveFile=", TARGET / "probe.jsa", 13),
    Archive("an AOT cache", "-XX:AOTCacheOutput=", "-XX:AOTCache=", TARGET / "probe.aot", 25, loaded=True),
)


def probe_from_jars():
    """The JVM keeps nothing of classes in folders."""
    jars = [str(next(ROOT.glob(f"{module}/target/httpkit-{module}-*[0-9].jar"))) for module in ("server", "web", "examples")]
    return f"-cp {':'.join(jars)} org.httpkit.examples.Probe --port {{port}}"


def rehearsed(archive, load, options):
    """The probe from its jars, with an archive that a run of it has written."""
    if java_feature() < archive.since_java:
        raise Unfit(f"from JDK {archive.since_java} on")
    teacher = Server("rehearsal", Command(f"{JAVA} {HEAP} {archive.write}{archive.file} {probe_from_jars()}"), options)
    if archive.loaded:
        load(teacher)
    teacher.process.terminate()
    teacher.process.wait()
    return Command(f"{JAVA} {HEAP} {archive.use}{archive.file} {probe_from_jars()}")
