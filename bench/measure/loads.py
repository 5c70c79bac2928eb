"""Load generators: each asks a server for some seconds, and says what came back."""

import re
import subprocess
import threading
import time
from dataclasses import dataclass, field

from .environment import JAVA, TARGET, Unfit

PATIENCE_SECONDS = 60  # beyond the time that a load should take
CONNECT_SECONDS = 2  # for h2load before anything counts: a handshake costs as much as many requests
# All that is offered of TLS 1.3, so that everybody does the same cryptography.
SUITE = "TLS_AES_128_GCM_SHA256"
END_SECONDS = 5
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}


@dataclass
class Load:
    """What came of one run: answers, how long it took, the server's CPU time meanwhile, and percentiles in milliseconds."""

    answered: int
    seconds: float
    cpu_seconds: float
    percentiles: dict = field(default_factory=dict)

    @property
    def cpu_micros(self):
        return self.cpu_seconds * 1e6 / self.answered


def pinned(argv, options):
    return argv if options.free else ["taskset", "-c", "1"] + argv


def run(argv, server, seconds, options):
    """Runs a generator that says how many requests it has made in what time, as wrk does."""
    before = server.cpu_seconds()
    try:
        done = subprocess.run(pinned(argv, options), capture_output=True, text=True, timeout=seconds + PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unfit(f"{argv[0]} does not end") from None
    cpu = server.cpu_seconds() - before
    told = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", done.stdout)
    if told is None:
        raise Unfit(f"{' '.join(argv)} says: {' '.join((done.stdout + done.stderr).split())[-300:]}")
    if int(told[1]) == 0:
        raise Unfit(f"nothing answered, see bench/target/{server.name}.log")
    bad = re.search(r"Non-2xx.*: (\d+)", done.stdout)
    if bad:
        raise Unfit(f"{bad[1]} of {told[1]} answers were not good")
    return Load(int(told[1]), float(told[2]) * UNITS[told[3]], cpu), done.stdout


class Wrk:
    """HTTP/1.1 in the clear; each connection asks again as soon as it has its answer."""

    tool = "wrk"
    runs_in = False  # whether a run begins to count only when the server is at work

    def __init__(self, *more):
        self.more = more

    def run(self, server, scenario, seconds, options):
        argv = ["wrk", "-t1", f"-c{scenario.connections}", f"-d{seconds}", "--latency", *self.more]
        if scenario.field:
            argv += ["-H", scenario.field]
        load, out = run([*argv, server.url(scenario.path)], server, seconds, options)
        for percent, value, unit in re.findall(r"^ +(50|99)% +([\d.]+)(us|ms|s|m)$", out, re.M):
            load.percentiles[f"p{percent}"] = float(value) * UNITS[unit] * 1000
        return load


class JavaLoad:
    """One of the generators of the module bench."""

    tool = None
    runs_in = False
    jvm = ""

    def __init__(self, main):
        self.main = main

    def run(self, server, scenario, seconds, options, *more):
        argv = f"{JAVA} {self.jvm} -cp bench/target/httpkit-bench.jar org.httpkit.bench.{self.main}"
        argv += f" {server.port} {scenario.path} {scenario.connections} {seconds}"
        load, out = run([*argv.split(), *more], server, seconds, options)
        load.percentiles = {name: float(value) for name, value in re.findall(r"(p[\d.]+|most) ([\d.]+)", out)}
        for answered, due, what in re.findall(r"(\d+) of (\d+) ([\w ]+)", out):
            if int(answered) < 0.9 * int(due):
                raise Unfit(f"only {answered} of {due} {what}")
        return load


class ConstantRate(JavaLoad):
    """Requests at a constant rate, whose latency counts from when each was due; also with other traffic beside."""

    # Compiling and collecting would delay requests: this compiler is done within the second that does not count.
    jvm = "-Xms256m -XX:TieredStopAtLevel=1"

    def __init__(self):
        super().__init__("ConstantRate")

    def run(self, server, scenario, seconds, options, *more):
        return super().run(server, scenario, seconds, options, str(options.rate), *more)


class Handshakes:
    """A connection over TLS for each request, with a whole handshake or by the ticket of an earlier one."""

    tool = "handshakes"
    runs_in = False
    MOST_FAILED = 0.01
    MOST_WHOLE = 0.05  # of resumed ones, beside the first of each client, which has no ticket

    def __init__(self, resumes=False):
        self.resumes = resumes

    def run(self, server, scenario, seconds, options):
        argv = [f"{TARGET}/handshakes", str(server.port), scenario.path, str(scenario.connections), str(seconds), SUITE]
        load, out = run(argv + ["resume"] * self.resumes, server, seconds, options)
        resumed, failed = (int(count) for count in re.search(r"(\d+) resumed, (\d+) failed", out).groups())
        if failed > self.MOST_FAILED * load.answered:
            raise Unfit(f"{failed} handshakes failed beside {load.answered}")
        if self.resumes and load.answered - resumed > scenario.connections + self.MOST_WHOLE * load.answered:
            raise Unfit(f"resumes {resumed} of {load.answered} handshakes")
        return load


class H2load:
    """HTTP/2, or HTTP/1.1 over TLS; so many streams at once on each connection. Counts from when all connections stand."""

    tool = "h2load"
    runs_in = True

    def __init__(self, streams=1):
        self.streams = streams

    def run(self, server, scenario, seconds, options):
        argv = ["h2load", "-t1", f"-c{scenario.connections}", f"-m{self.streams}", f"-D{seconds}", f"--warm-up-time={CONNECT_SECONDS}"]
        argv += [f"--tls13-ciphers={SUITE}"] + ([] if server.protocol.http2 else ["--h1"])
        argv = pinned([*argv, server.url(scenario.path)], options)
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
        last = threading.Timer(CONNECT_SECONDS + seconds + PATIENCE_SECONDS, process.kill)
        last.start()
        out, marks = "", []
        try:
            for line in process.stdout:
                out += line
                if line.startswith("Main benchmark duration is"):  # started, and over
                    marks.append((time.monotonic(), server.cpu_seconds()))
                    if len(marks) == 2:  # a handshake that still goes on would hold it up for good
                        last.cancel()
                        last = threading.Timer(END_SECONDS, process.kill)
                        last.start()
            process.wait()
        finally:
            last.cancel()
            process.kill()
        counts = {name: int(count) for count, name in re.findall(r"(\d+) (done|failed|errored|timeout|[345]xx)", out)}
        if len(marks) == 2 and "done" not in counts:
            raise Unfit("h2load was still connecting at its end; a longer --warm may help")
        if "done" not in counts:
            raise Unfit(f"h2load says: {' '.join(out.split())[-300:]}")
        answered = counts.pop("done")
        if answered == 0 or sum(counts.values()) > scenario.connections * self.streams:  # so many may be under way at its end
            raise Unfit(f"h2load counts {answered} answers, {counts}")
        (began, cpu_before), (ended, cpu_after) = marks
        return Load(answered, ended - began, cpu_after - cpu_before)
