package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawHttp2.Frame;
import org.httpkit.testkit.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many streams at once whose windows open late, in small steps, and some of which are reset: what each of them gets is its own, in order,
 * and within the windows.
 */
final class Http2InterleavingTest extends ServerTest {
    private static final int STREAMS = 400;
    private static final int INITIAL_WINDOW = 3000;
    private static final int MOST_BYTES = 60_000;

    /** What the client knows of a stream. */
    private static final class Expected {
        final byte[] content;
        long window = INITIAL_WINDOW;
        int received;
        boolean reset;
        boolean over;

        Expected(byte[] content) {
            this.content = content;
        }
    }

    private final Handler handler = new Handler() {
        @Override
        public @Nullable Response handle(Request request) throws Exception {
            String[] words = request.path().split("/", -1);
            byte[] content = contentOf(Integer.parseInt(words[2]));
            return switch (words[1]) {
                case "whole" -> Response.bytes(content);
                case "written" ->
                    Response.stream(out -> {
                        for (int at = 0; at < content.length; at += 777) {
                            out.write(content, at, Math.min(777, content.length - at));
                            if (at % 5 == 0) {
                                out.flush();
                            }
                        }
                    });
                case "pieces" -> Response.pieces(List.of(content, content));
                default -> {
                    InputStream body = request.body().stream();
                    yield Response.stream(body);
                }
            };
        }

        @Override
        public boolean streamsBody(Request request) {
            return true;
        }
    };

    private static byte[] contentOf(int seed) {
        byte[] bytes = new byte[new Random(seed).nextInt(MOST_BYTES)];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void keepsStreamsApart(Dispatch dispatch) throws Exception {
        if (dispatch == Dispatch.INLINE) {
            return; // a body that is read on the loop would hold it
        }
        HttpServer server = serve(handler, options -> options.dispatch(dispatch));
        for (long seed : Seeds.of(4711)) {
            run(server, Seeds.random(seed));
        }
    }

    private void run(HttpServer server, Random random) throws Exception {
        RawHttp2 client =
                closeLater(RawHttp2.connect(server, 4, INITIAL_WINDOW)).withoutCredit();
        Map<Integer, Expected> streams = new HashMap<>();
        List<Integer> open = new ArrayList<>();
        long window = 65_535;
        int opened = 0;
        int finished = 0;
        while (finished < STREAMS) {
            while (opened < STREAMS && open.size() < 50 && random.nextInt(3) > 0) {
                int contentSeed = random.nextInt(1_000_000);
                int id = open(client, random.nextInt(4), contentSeed, streams);
                open.add(id);
                opened++;
            }
            for (int id : List.copyOf(open)) {
                Expected stream = streams.get(id);
                if (random.nextInt(4) == 0 && stream.window < 20_000) {
                    int increment = 1 + random.nextInt(9000);
                    client.windowUpdate(id, increment);
                    stream.window += increment;
                } else if (random.nextInt(300) == 0) {
                    client.reset(id, 8);
                    stream.reset = true;
                    stream.over = true;
                    open.remove((Integer) id);
                    finished++;
                }
            }
            if (window < 30_000) {
                int increment = 1 + random.nextInt(40_000);
                client.windowUpdate(0, increment);
                window += increment;
            }
            client.send(RawHttp2.PING, 0, 0, new byte[8]);
            for (Frame frame = client.read(); ; frame = client.read()) {
                assertThat(frame).isNotNull();
                if (frame.type() == RawHttp2.PING) {
                    break;
                }
                assertThat(frame.type()).as("%s", frame).isNotEqualTo(RawHttp2.GOAWAY);
                if (frame.streamId() == 0 || frame.type() == RawHttp2.WINDOW_UPDATE) {
                    continue;
                }
                Expected stream = streams.get(frame.streamId());
                if (frame.type() == RawHttp2.DATA) {
                    window -= frame.payload().length;
                }
                if (stream.reset) {
                    continue; // it was on its way
                }
                assertThat(stream.over).as("%s behind the end", frame).isFalse();
                if (frame.type() == RawHttp2.DATA) {
                    int length = frame.payload().length;
                    stream.window -= length;
                    assertThat(stream.window).as("stream %d", frame.streamId()).isNotNegative();
                    assertThat(window).isNotNegative();
                    assertThat(frame.payload())
                            .as("stream %d at %d", frame.streamId(), stream.received)
                            .isEqualTo(Arrays.copyOfRange(stream.content, stream.received, stream.received + length));
                    stream.received += length;
                }
                if (frame.type() == RawHttp2.RST_STREAM || frame.has(RawHttp2.END_STREAM)) {
                    assertThat(stream.received)
                            .as("stream %d: %s", frame.streamId(), frame)
                            .isEqualTo(stream.content.length);
                    stream.over = true;
                    open.remove((Integer) frame.streamId());
                    finished++;
                }
            }
        }
        eventually(() -> assertThat(server.stats().queuedBytes()).isZero());
        client.close();
    }

    private static int open(RawHttp2 client, int kind, int seed, Map<Integer, Expected> streams) throws Exception {
        byte[] content = contentOf(seed);
        switch (kind) {
            case 0 -> {
                int id = client.get("/whole/" + seed, "priority", "u=" + seed % 8 + (seed % 2 == 0 ? ", i" : ""));
                streams.put(id, new Expected(content));
                return id;
            }
            case 1 -> {
                int id = client.get("/written/" + seed);
                streams.put(id, new Expected(content));
                return id;
            }
            case 2 -> {
                int id = client.get("/pieces/" + seed);
                streams.put(id, new Expected(Http2Test.concat(content, content)));
                return id;
            }
            default -> {
                int id = client.open(false, RawHttp2.request("POST", "/echo/" + seed));
                byte[] body = Arrays.copyOf(content, Math.min(content.length, 16_000));
                streams.put(id, new Expected(body));
                client.data(id, true, body);
                return id;
            }
        }
    }
}
