"""The kinds of scenarios. Each takes the servers that can do it through its rounds, and returns tables and who was left out."""

import time
from dataclasses import replace

from .environment import JAVA, Unfit
from .loads import ConstantRate, Wrk
from .report import Column, Table
from .servers import ARCHIVES, HEAP, Command, Server, probe_from_jars, rehearsed

WARM_UP_SECONDS = 20
SHOWN_SECONDS = 1, 2, 3, 5, 8, 12, 20
REHEARSAL_SECONDS = 3
MORE_STARTS = 5  # a start varies more than a second of load, and takes less
SMALL_HEAP = "-Xms16m -Xmx2g"  # so that growth shows in resident memory
CROWDS = 0, 1000, 9000
ONCE_MADE = 500  # exchanges that come first in the scenarios of idle connections
PERCENTILES = "p50", "p99", "p99.9", "most"


class Field:
    """The servers of one scenario. One that fails is left out from then on, with the reason; the others go on."""

    def __init__(self):
        self.servers, self.left_out = [], {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.end()

    def attempt(self, name, action, *arguments):
        try:
            action(*arguments)
        except Unfit as reason:
            self.left_out[name] = str(reason)
            for server in [each for each in self.servers if each.name == name]:
                self.servers.remove(server)
                server.end()

    def start(self, name, command, scenario, options):
        """A server that has what the scenario asks for."""
        server = Server(name, command, options, scenario.protocol, scenario.asks)
        self.servers.append(server)
        server.require(scenario.path, scenario.field, scenario.status)
        return server

    def in_turns(self, rounds):
        """All that are still there, so many times; who begins changes. Only the one whose turn it is runs."""
        for turn in range(rounds):
            shift = turn % max(1, len(self.servers))
            for server in self.servers[shift:] + self.servers[:shift]:
                server.go_on()
                yield server
                server.stop()  # without effect if it has ended


def in_new_starts(rounds, commands, measure):
    """Measures all servers in each round, each from a new start. Returns which failed, and why; those are left out from then on."""
    attempts = Field()
    for _ in range(rounds):
        for each, command in commands.items():
            if each not in attempts.left_out:
                attempts.attempt(each, measure, each, command)
    return attempts.left_out


def warm(server, scenario, options):
    """Handshakes first: a virtual machine that has just started makes few in a second, and the load would not get its connections."""
    if server.protocol.secure:
        end = time.monotonic() + options.warm
        while time.monotonic() < end and server.has("/plaintext"):
            pass
    try:
        scenario.load.run(server, scenario, options.warm, options)
    except Unfit:
        pass  # too cold for all connections at once; if it is more than that, the first round says so


def requests(name, scenario, commands, options):
    """CPU time for each request under load."""
    shown = PERCENTILES if isinstance(scenario.load, ConstantRate) else ()
    table = Table(
        name,
        [
            Column("cpu_micros", f"CPU µs a {scenario.unit}"),
            Column("per_second", f"{scenario.units}/s", 0),
            *(Column(each, f"{each} ms") for each in shown),
        ],
        with_floor=True,
    )

    def prepare(each, command):
        server = field.start(each, command, scenario, options)
        warm(server, scenario, options)
        server.stop()

    def measure(server):
        if not scenario.load.runs_in:
            scenario.load.run(server, scenario, 1, options)  # its caches are cold from waiting
        load = scenario.load.run(server, scenario, options.seconds, options)
        figures = {each: load.percentiles[each] for each in shown}
        table.add(server.name, cpu_micros=load.cpu_micros, per_second=load.answered / load.seconds, **figures)

    with Field() as field:
        for each, command in commands.items():
            field.attempt(each, prepare, each, command)
        for server in field.in_turns(options.rounds):
            field.attempt(server.name, measure, server)
    return [table], field.left_out


def mixed(name, scenario, commands, options):
    """Latency of small requests at a constant rate: alone, and beside slow handlers, large answers, uploads and a broadcast."""
    shown = PERCENTILES[:3]
    table = Table(
        name,
        [
            *(Column(f"{each} alone", f"{each} alone") for each in shown),
            *(Column(f"{each} mixed", f"{each} mixed") for each in shown),
            *(Column(f"{each} ratio", f"{each} mixed / alone") for each in shown),
        ],
        sorted_by=5,
        note=f"Latency of {options.rate:,} small requests a second, in milliseconds.",
    )

    def prepare(each, command):
        server = field.start(each, command, scenario, options)
        for path in ("/sleep/10", "/bytes/1048576", "/echo", "/bcast"):
            server.require(path)
        scenario.load.run(server, scenario, options.warm, options, "mixed")
        server.stop()

    def measure(server):
        alone = scenario.load.run(server, scenario, options.seconds, options).percentiles
        beside = scenario.load.run(server, scenario, options.seconds, options, "mixed").percentiles
        for each in shown:
            figures = {"alone": alone[each], "mixed": beside[each], "ratio": beside[each] / max(alone[each], 0.001)}
            table.add(server.name, **{f"{each} {what}": value for what, value in figures.items()})

    with Field() as field:
        for each, command in commands.items():
            field.attempt(each, prepare, each, command)
        for server in field.in_turns(options.rounds):
            field.attempt(server.name, measure, server)
    return [table], field.left_out


def warming(name, scenario, commands, options):
    """CPU time for each request, second by second from the first one on; a new start in each round."""
    seconds = [Column(f"second {each}", f"{each} s") for each in SHOWN_SECONDS]
    cost = Table(f"{name}: CPU µs a request in a second after the start", seconds, sorted_by=-1)
    latency = Table(f"{name}: p99 ms in that second", seconds, sorted_by=-1)

    def measure(each, command):
        with Field() as alone:
            server = alone.start(each, command, scenario, options)
            costs, percentiles = {}, {}
            for second in range(1, WARM_UP_SECONDS + 1):
                load = scenario.load.run(server, scenario, 1, options)
                costs[f"second {second}"], percentiles[f"second {second}"] = load.cpu_micros, load.percentiles["p99"]
            cost.add(each, **costs)
            latency.add(each, **percentiles)

    return [cost, latency], in_new_starts(options.rounds, commands, measure)


def crowded(name, scenario, commands, options):
    """CPU time for each request while other connections are open and silent; a new start in each round."""
    table = Table(
        name,
        [Column(f"beside {crowd}", f"CPU µs a request beside {crowd:,} silent connections") for crowd in CROWDS],
    )

    def measure(each, command):
        with Field() as alone:
            server = alone.start(each, command, scenario, options)
            warm(server, scenario, options)
            costs, silent = {}, []
            try:
                for crowd in CROWDS:
                    while len(silent) < crowd:
                        silent.append(server.ask(scenario.path))
                    costs[f"beside {crowd}"] = scenario.load.run(server, scenario, options.seconds, options).cpu_micros
            except OSError as failure:
                raise Unfit(f"at connection {len(silent)}: {failure}") from None
            finally:
                for connection in silent:
                    connection.close()
            table.add(each, **costs)

    return [table], in_new_starts(options.rounds, commands, measure)


def idle(name, scenario, commands, options):
    """Memory that an idle connection takes, each after one exchange."""
    table = Table(
        name,
        [Column("heap_bytes", "bytes of heap a connection", 0), Column("resident_bytes", "of resident memory", 0)],
        note=f"{scenario.connections} connections, `{SMALL_HEAP}`.",
    )

    def measure(each, command):
        with_small_heap = replace(command, words=command.words.replace(HEAP, SMALL_HEAP))
        with Field() as alone:
            server = alone.start(each, with_small_heap, scenario, options)
            held = []
            try:
                for _ in range(ONCE_MADE):
                    server.ask(scenario.path).close()  # what is made once is not what a connection costs
                heap, resident = server.live_bytes(), server.resident_bytes()
                for _ in range(scenario.connections):
                    held.append(server.ask(scenario.path))
                more = (server.resident_bytes() - resident) / scenario.connections
                if heap is None:
                    table.add(each, resident_bytes=more)
                else:
                    table.add(each, heap_bytes=(server.live_bytes() - heap) / scenario.connections, resident_bytes=more)
            except OSError as failure:
                raise Unfit(f"at connection {len(held)}: {failure}") from None
            finally:
                for connection in held:
                    connection.close()

    attempts = Field()
    for each, command in commands.items():
        attempts.attempt(each, measure, each, command)
    return [table], attempts.left_out


def startup(name, scenario, commands, options):
    """From exec to the first answer."""
    table = Table(name, [Column("millis", "ms from exec to the first answer", 0), Column("cpu_millis", "CPU ms", 0)])
    commands = commands | {"httpkit from jars": Command(f"{JAVA} {HEAP} {probe_from_jars()}")}

    def rehearse(each, archive):
        commands[each] = rehearsed(archive, lambda teacher: Wrk().run(teacher, scenario, REHEARSAL_SECONDS, options), options)

    def measure(each, command):
        with Field() as alone:
            server = alone.start(each, command, scenario, options)
            table.add(each, millis=server.start_millis, cpu_millis=server.cpu_seconds() * 1000)

    attempts = Field()
    for archive in ARCHIVES:
        name_with = f"httpkit with {archive.title}"
        attempts.attempt(name_with, rehearse, name_with, archive)
    left_out = in_new_starts(max(options.rounds, MORE_STARTS), commands, measure)
    return [table], attempts.left_out | left_out
