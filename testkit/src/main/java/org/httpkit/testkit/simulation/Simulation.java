package org.httpkit.testkit.simulation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.httpkit.internal.connection.Opener;
import org.httpkit.internal.context.Environment;
import org.httpkit.internal.context.HandshakeThreads;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.dispatch.Forecast;
import org.httpkit.internal.net.InputBudget;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ServerOptions;
import org.jspecify.annotations.Nullable;

/**
 * Runs a server's connections, with clients of all manners, in one thread. A seed decides whose turn it is, how much is
 * read and written, when time passes and what fails. After each turn it checks what must hold at any time, and
 * everything else when all is over.
 */
public final class Simulation {
    private static final int CONNECTIONS = 40;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final long TICK_NANOS = 40_000_000;
    private static final long LONGEST_NANOS = 24L * 3600 * 1_000_000_000;
    /** What waits at most for one client, besides broadcasts: its largest answer, and what came before. */
    private static final long MOST_QUEUED_BYTES = 256 * 1024;

    /** As many streams, and as many whose clients have reset them. */
    private static final int MOST_EXCHANGES_OF_HTTP2 = 200;

    private static final int TURNS_WITHOUT_PROGRESS = 300;
    /** Many times as many as needed: an endlessly busy part would make time stand still. */
    private static final int MOST_TURNS = 5_000_000;

    /**
     * What happened in one simulation.
     *
     * @param story a checksum of all that the clients and the server have sent, and when
     */
    public record Report(long exchanges, Map<Happening, Long> happened, long story) {}

    /** @param layer around the wire; null for two thirds of them */
    private record Connection(
            int id,
            SimulatedLoop loop,
            Link link,
            SimulatedWire wire,
            @Nullable RecordLayer layer,
            SimulatedClient client) {}

    private final SplittableRandom random;
    private final SplittableRandom serverRandom;
    private final Schedule schedule;
    private final SimulatedHandler handler;
    private final Course course;
    private final Broadcasts broadcasts;
    private final SimulatedFiles files;
    private final Endings endings;
    private final Budget budget;
    private final ServerContext context;
    private final InputBudget inputBudget;
    private final List<SimulatedLoop> loops = new ArrayList<>();
    private final List<Connection> open = new ArrayList<>();
    private final List<Connection> over = new ArrayList<>();
    /** The connection that had the last turn. */
    private @Nullable Connection last;

    private int turns;
    private boolean stopped;
    /** Whether the clock has jumped, so that the server may have given up clients for which it waited. */
    private boolean jumped;

    private Simulation(long seed) {
        random = new SplittableRandom(seed);
        serverRandom = new SplittableRandom(seed + 1);
        schedule = new Schedule(random);
        course = Course.choose(schedule, new SplittableRandom(~seed));
        broadcasts = new Broadcasts(schedule);
        files = new SimulatedFiles(schedule);
        endings = new Endings(files);
        handler = new SimulatedHandler(schedule, course, broadcasts, files);
        budget = new Budget(course.maxQueuedBytesTotal());
        ServerOptions options = options(1 << 20);
        context = ServerContext.of(
                options,
                schedule,
                endings,
                new Environment(
                        course.dispatch() == Dispatch.ADAPTIVE ? new Chance() : null,
                        new HandshakeThreads(),
                        () -> new SimulatedLock(schedule),
                        this::now,
                        () -> serverRandom,
                        serverRandom.nextInt()));
        inputBudget = new InputBudget(context);
    }

    /** The time of day. */
    private Instant now() {
        return START.plusNanos(schedule.nanos());
    }

    private ServerOptions options(int maxBodyBytes) {
        return HttpServer.builder()
                .handler(handler)
                .dispatch(course.dispatch())
                .maxBodyBytes(maxBodyBytes)
                .maxReceivedBytesTotal(course.maxReceivedBytesTotal())
                .maxReceivedBytesPerAddress(0)
                .observer(endings)
                .options();
    }

    /**
     * Runs the simulation of that seed.
     *
     * @throws AssertionError if something is not as it must be
     */
    public static Report run(long seed) {
        Simulation simulation = new Simulation(seed);
        try {
            return simulation.run();
        } catch (RuntimeException | AssertionError e) {
            simulation.schedule.abandon();
            throw new AssertionError("With seed " + seed + ": " + e.getMessage(), e);
        }
    }

    private Report run() {
        for (int i = 0; i < 2; i++) {
            SimulatedLoop loop = new SimulatedLoop(schedule, budget.backlog, inputBudget);
            Function<Link, Protocol> opener = new Opener(context);
            loops.add(loop);
            for (int n = 0; n < CONNECTIONS / 2; n++) {
                connect(loop, opener, CONNECTIONS * i + n);
            }
        }
        int idle = 0;
        for (int turn = 0; !open.isEmpty() || isBusy(); turn++) {
            require(turn < MOST_TURNS, "it does not come to an end");
            if (course.stops() && !stopped && schedule.nanos() >= course.stopNanos()) {
                stop();
            }
            if (course.changes() && schedule.oneIn(1000)) {
                context.changeTo(context.with(options((1 << 20) + random.nextInt(1000))));
            }
            if (course.jumps() && schedule.oneIn(2000)) {
                jump();
            }
            if (course.broadcasts() && schedule.oneIn(1000)) {
                broadcasts.sendSome();
            }
            idle = turn() ? 0 : idle + 1;
            verifySoFar();
            schedule.goOn(random.nextInt(10_000));
            if (idle > TURNS_WITHOUT_PROGRESS) {
                letTimePass();
            }
        }
        verify();
        return report();
    }

    private Report report() {
        Tally tally = schedule.tally;
        for (SimulatedLoop loop : loops) {
            tally.add(Happening.CALL_ON_LOOP, loop.callsMade);
            tally.add(Happening.LOOP_LOST, loop.loopsLost);
        }
        tally.add(Happening.BODY_READ, handler.bodies.ended);
        tally.add(Happening.BODY_BROKEN_OFF, handler.bodies.brokenOff);
        tally.add(Happening.CLIENT_SHED, endings.shedCount());
        tally.add(Happening.INPUT_SHED, endings.inputShedCount());
        return new Report(context.counters().exchangesBegun(), tally.counts(), schedule.story.sum());
    }

    private void connect(SimulatedLoop loop, Function<Link, Protocol> opener, int id) {
        SimulatedWire wire = new SimulatedWire(schedule, id);
        RecordLayer layer = schedule.oneIn(3) ? new RecordLayer(wire, schedule) : null;
        Link link = new Link(loop, layer == null ? wire : layer);
        SimulatedClient client = client(wire, id);
        budget.add(link);
        open.add(new Connection(id, loop, link, wire, layer, client));
        loop.adopt(link, () -> link.start(opener.apply(link)));
    }

    private SimulatedClient client(SimulatedWire wire, int id) {
        if (course.http2() && !schedule.oneIn(4)) {
            return Http2Client.make(wire, schedule, id, course, broadcasts, files);
        }
        return schedule.oneIn(course.broadcasts() ? 2 : 5)
                ? WebSocketClient.make(wire, schedule, id, course, broadcasts)
                : HttpClient.make(wire, schedule, id, course, broadcasts, files);
    }

    private void stop() {
        stopped = true;
        context.stop();
        for (Connection connection : open) {
            connection.client.serverStops();
            connection.loop.execute(connection.link::stopping);
        }
    }

    /** The machine has slept, or its clock was set: what the server waits for may be overdue all at once. */
    private void jump() {
        jumped = true;
        schedule.goOn(random.nextLong(LONGEST_NANOS / 8));
        loops.forEach(SimulatedLoop::checkDeadlines);
    }

    /** Gives a turn by chance; returns false if there was nothing to do in it. */
    private boolean turn() {
        schedule.mayBlock(false);
        int dice = random.nextInt(10);
        if (dice < 7 && !open.isEmpty()) {
            int chosen = random.nextInt(open.size());
            Connection connection = open.get(chosen);
            last = connection;
            boolean progress = dice < 3 ? connection.client.step() : serve(connection);
            if (connection.wire.isClosed()) {
                open.set(chosen, open.get(open.size() - 1));
                open.remove(open.size() - 1);
                over.add(connection);
            }
            return progress;
        }
        return switch (dice) {
            case 7 -> loops.get(random.nextInt(loops.size())).runCommand();
            case 8 -> schedule.runWorker();
            default -> schedule.runDue();
        };
    }

    private static boolean serve(Connection connection) {
        if (connection.wire.isWritable()) {
            connection.loop.writable(connection.link);
            return true;
        }
        if (connection.wire.isReadable()) {
            connection.loop.readable(connection.link);
            return true;
        }
        return false;
    }

    private void letTimePass() {
        schedule.goOn(TICK_NANOS);
        loops.forEach(SimulatedLoop::checkDeadlines);
        if (schedule.nanos() > LONGEST_NANOS) {
            throw new AssertionError(
                    open.size() + " connections are still open after a day: " + open.get(0).client.manner);
        }
    }

    private boolean isBusy() {
        return schedule.isBusy() || areLoopsBusy();
    }

    private boolean areLoopsBusy() {
        for (SimulatedLoop loop : loops) {
            if (loop.isBusy()) {
                return true;
            }
        }
        return false;
    }

    /** Checks what must hold at any time. */
    private void verifySoFar() {
        for (SimulatedLoop loop : loops) {
            if (!loop.failures().isEmpty()) {
                throw new AssertionError(
                        "A fault of the server's own", loop.failures().get(0));
            }
        }
        if (budget.isLimited() || ++turns % 16 == 0) {
            budget.verifySoFar(!areLoopsBusy());
        }
        endings.verifySoFar();
        handler.bodies.verifySoFar();
        if (course.deflates()) {
            handler.natives.look();
        }
        long running = context.counters().exchangesRunning();
        int most = course.http2() ? CONNECTIONS * MOST_EXCHANGES_OF_HTTP2 : CONNECTIONS;
        require(running >= 0 && running <= most, "a connection has too many exchanges, or fewer than none");
        require(handler.channelsClosed <= handler.channelsOpened, "a channel was told of its end twice");
        if (last != null) {
            long queued = last.link.queuedBytes();
            long mostQueued = MOST_QUEUED_BYTES + broadcasts.mostQueuedBytes();
            require(queued >= 0 && queued <= mostQueued, "the limit of what waits for a client: " + queued);
            require(!last.wire.isClosed() || queued == 0, "bytes wait on a closed connection");
            if (last.layer != null && !last.wire.isClosed() && !areLoopsBusy()) {
                last.layer.verifySoFar(last.link);
            }
        }
    }

    private void verify() {
        verifySoFar();
        require(budget.backlog.bytes() == 0, "bytes are still counted as waiting");
        require(budget.backlog.links() == 0, "a connection that is closed is kept as one that waits");
        require(inputBudget.bytes() == 0 && inputBudget.links() == 0, "input is still counted as held");
        require(schedule.areAllOver() && handler.bodies.running() == 0, "somebody still waits for a body");
        handler.natives.verify();
        broadcasts.verify();
        files.verify();
        over.forEach(this::verifyEnd);
        handler.closed.forEach(this::verifyChannel);
        require(over.size() == CONNECTIONS, "not every connection was closed");
        require(loops.stream().mapToInt(loop -> loop.closed).sum() == CONNECTIONS, "a close was told twice, or never");
        require(over.stream().allMatch(each -> each.link.queuedBytes() == 0), "bytes wait on a closed connection");
        require(context.counters().exchangesRunning() == 0, "an exchange is still counted as running");
        require(
                context.counters().closes().values().stream()
                                .mapToLong(Long::longValue)
                                .sum()
                        == CONNECTIONS,
                "each connection is closed for one cause");
        require(handler.channelsOpened == handler.channelsClosed, "a channel was not told of its end");
    }

    private void verifyEnd(Connection connection) {
        Long shedBytes = endings.shedBytes(connection.id);
        boolean inputShed = endings.isInputShed(connection.id);
        boolean cut = stopped && !connection.client.outlivesStop();
        connection.client.verify(cut || jumped || shedBytes != null || inputShed);
        Cause cause = endings.cause(connection.id);
        require(cause != null, "no cause of a close was told");
        require(cause != Cause.SLOW_CONSUMER || shedBytes != null, "a client was told to be slow, and was not shed");
        boolean broken = connection.client.isBroken();
        require(cause != Cause.HANDLER_ERROR || broken, "a connection was ended for a file that is whole");
        require(cause != Cause.PEER_RESET || shedBytes == null, "a client that was shed counts as one that has gone");
        budget.verifyShed(connection.link, shedBytes, cause != Cause.SLOW_CONSUMER);
        boolean keepsOn = !stopped && !jumped && connection.client.expectsEverything(connection.client.isLate());
        boolean isOwn = cause == Cause.CLOSED || cause == Cause.PEER_CLOSED || cause == Cause.PROTOCOL_ERROR;
        isOwn |= broken && cause == Cause.HANDLER_ERROR; // if nothing else was decided before
        require(
                !keepsOn || isOwn || shedBytes != null || inputShed,
                "a client that did nothing wrong was left for " + cause);
    }

    /** Checks that the listener received the same reports as the observers. */
    private void verifyChannel(SimulatedHandler.Closed channel) {
        boolean shed = endings.shedBytes(channel.connection()) != null;
        Cause cause = channel.cause();
        require(cause != Cause.SLOW_CONSUMER || shed, "a channel was told that its client is slow, which was not shed");
        require(cause != Cause.CLOSED || channel.byHandler(), "a channel was told that it was closed by its handler");
        boolean resets = over.stream().anyMatch(each -> each.id == channel.connection() && each.client.resetsStreams());
        require(cause != Cause.PEER_RESET || !shed || resets, "a channel was told of a reset instead of being shed");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** Expects what chance says. */
    private final class Chance extends Forecast {
        @Override
        public boolean isQuick(int kind, int group) {
            return !schedule.oneIn(3);
        }
    }
}
