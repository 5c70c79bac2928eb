package org.httpkit.testkit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Answers in every way that does not block: at once, later, with a failure, in pieces, as a WebSocket. */
final class SimulatedHandler implements Handler {
    private static final int PIECES = 4;

    /** The end of a channel as it was told: of which connection's, why, and whether the handler had closed it. */
    record Closed(int connection, CloseReason.Cause cause, boolean byHandler) {}

    private final Schedule schedule;
    private final Course course;
    private final Broadcasts broadcasts;
    private final SimulatedFiles files;
    final BodyReader bodies;
    final Natives natives = new Natives();
    /** Why each channel has ended. */
    final List<Closed> closed = new ArrayList<>();

    int channelsOpened;
    int channelsClosed;

    SimulatedHandler(Schedule schedule, Course course, Broadcasts broadcasts, SimulatedFiles files) {
        this.schedule = schedule;
        this.course = course;
        this.broadcasts = broadcasts;
        this.files = files;
        this.bodies = new BodyReader(schedule);
    }

    static String large(String id) {
        return (id + " ").repeat(2000 + (id.hashCode() & 0xfff));
    }

    static String streamed(String id) {
        return (id + ";").repeat(PIECES);
    }

    static String feed(String id) {
        return "feed " + id + ";";
    }

    @Override
    public boolean streamsBody(Request request) {
        boolean streams = BodyReader.reads(request.path());
        if (streams) {
            schedule.mayBlock(true);
        }
        return streams;
    }

    @Override
    public @Nullable Response handle(Request request) throws Exception {
        String path = request.path();
        if (BodyReader.reads(path)) {
            return bodies.handle(request);
        }
        int slash = path.indexOf('/', 1);
        String id = path.substring(slash + 1);
        return switch (path.substring(1, slash)) {
            case "quick" -> Response.text("quick " + id);
            case "echo" -> Response.bytes(request.body().bytes());
            case "fail" -> throw new IllegalArgumentException("on purpose");
            case "later" -> later(id);
            case "large" -> Response.text(large(id));
            case "channel" -> request.asChannel(new Stream(id));
            case "file" -> Response.file(files.get(id).path);
            case "feed" -> request.asChannel(new Feed(id));
            case "websocket" -> request.asChannel(ChannelOptions.DEFAULT.deflate(true), new Echo(id));
            default -> null;
        };
    }

    private Response later(String id) {
        CompletableFuture<Response> response = new CompletableFuture<>();
        schedule.after(schedule.random().nextInt(1_000_000), () -> response.complete(Response.text("later " + id)));
        return Response.later(response);
    }

    /** Counts ends, so that a channel that ends twice fails. */
    private class Counted implements ChannelListener {
        private final int connection;
        private boolean told;
        boolean closedByHandler;

        Counted(String id) {
            int dash = id.indexOf('-');
            connection = Integer.parseInt(dash < 0 ? id : id.substring(0, dash));
            channelsOpened++;
        }

        @Override
        public void onClose(AsyncChannel channel, CloseReason reason) {
            if (told) {
                throw new AssertionError("onClose was called twice");
            }
            told = true;
            channelsClosed++;
            broadcasts.remove(channel);
            closed.add(new Closed(connection, reason.cause(), closedByHandler));
        }
    }

    private final class Echo extends Counted {
        private final String id;

        Echo(String id) {
            super(id);
            this.id = id;
        }

        @Override
        public void onOpen(AsyncChannel channel) {
            natives.opened(channel);
            broadcasts.add(id, channel);
        }

        @Override
        public void onText(AsyncChannel channel, String text) {
            channel.send(text);
            if (course.broadcasts() && schedule.oneIn(8)) {
                broadcasts.send();
            }
        }
    }

    /** Gets what goes to all, for a while. */
    private final class Feed extends Counted {
        private final String id;

        Feed(String id) {
            super(id);
            this.id = id;
        }

        @Override
        public void onOpen(AsyncChannel channel) {
            channel.send(feed(id), false);
            broadcasts.add(id, channel);
            schedule.after(schedule.random().nextInt(5_000_000), () -> {
                closedByHandler = true;
                channel.close();
            });
        }
    }

    private final class Stream extends Counted {
        private final String id;

        Stream(String id) {
            super(id);
            this.id = id;
        }

        @Override
        public void onOpen(AsyncChannel channel) {
            sendPiece(channel, 1);
        }

        private void sendPiece(AsyncChannel channel, int count) {
            channel.send(id + ";", false);
            Runnable next = count == PIECES ? () -> close(channel) : () -> sendPiece(channel, count + 1);
            if (schedule.oneIn(3)) {
                next.run();
            } else {
                schedule.after(schedule.random().nextInt(500_000), next);
            }
        }

        private void close(AsyncChannel channel) {
            closedByHandler = true;
            channel.close();
        }
    }
}
