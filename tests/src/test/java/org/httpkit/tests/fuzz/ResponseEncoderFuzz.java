package org.httpkit.tests.fuzz;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http1.ChunkEncoder;
import org.httpkit.internal.http1.DateLine;
import org.httpkit.internal.http1.ResponseEncoder;
import org.httpkit.internal.http1.ResponseFraming;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawResponse.Field;
import org.httpkit.testkit.ResponseReader;

/**
 * Whatever a handler gives, it is refused with nothing written, or the client reads one response: the handler's own fields, the
 * body, and not one byte more.
 */
public final class ResponseEncoderFuzz {
    private static final Set<String> NOT_THE_HANDLERS =
            Set.of("content-length", "transfer-encoding", "connection", "keep-alive", "upgrade");
    private static final Method[] METHODS = {Method.GET, Method.HEAD, Method.POST};

    private ResponseEncoderFuzz() {}

    /** One byte chooses status, method and version, one the fields' number; then fields, then the body. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        int status = 200 + choices.two() % 400;
        Method method = METHODS[choices.one() % METHODS.length];
        HttpVersion version = choices.yes() ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
        boolean knownLength = choices.yes();
        boolean keepAlive = choices.yes();
        Loose fields = fields(choices, choices.one() % 8);
        Loose trailers = fields(choices, choices.one() % 3);
        byte[] body = choices.rest();

        ByteQueue out = new ByteQueue(16);
        out.append((byte) '#');
        ResponseFraming framing =
                ResponseFraming.decide(method, version, status, knownLength ? body.length : -1, -1, keepAlive);
        boolean written =
                writes(out, fields, () -> ResponseEncoder.encode(out, status, fields, framing, DateLine.of(0), null));
        if (!written) {
            return;
        }
        List<Field> sentTrailers = List.of();
        switch (framing.body()) {
            case NONE -> {}
            case LENGTH, UNTIL_CLOSE -> out.append(body);
            case CHUNKED -> {
                int half = body.length / 2;
                if (half > 0) {
                    ChunkEncoder.append(out, body, 0, half);
                }
                if (body.length > half) {
                    ChunkEncoder.append(out, body, half, body.length - half);
                }
                if (writes(out, trailers, () -> ChunkEncoder.appendLast(out, trailers))) {
                    sentTrailers = trailers.asFields(false);
                } else {
                    ChunkEncoder.appendLast(out);
                }
            }
        }
        byte[] sent = framing.hasBody() ? body : new byte[0];
        check(out.copyFrom(1), status, method, fields, sent, sentTrailers, framing.keepsConnection());
    }

    /** Whether the fields could be written; if not, nothing was. */
    private static boolean writes(ByteQueue out, Loose fields, Runnable encoding) {
        byte[] before = out.toByteArray();
        boolean legal = fields.isLegal();
        try {
            encoding.run();
            return true;
        } catch (IllegalArgumentException e) {
            if (legal) {
                throw new AssertionError("Refused what is legal: " + fields.asFields(true), e);
            }
            if (!Arrays.equals(before, out.toByteArray())) {
                throw new AssertionError("Refused, and something was written", e);
            }
            return false;
        }
    }

    private static void check(
            byte[] bytes,
            int status,
            Method method,
            Loose fields,
            byte[] body,
            List<Field> trailers,
            boolean keepsConnection) {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        RawResponse response;
        try {
            ResponseReader reader = new ResponseReader(source(in));
            response = reader.readBody(reader.readHead(method.equals(Method.HEAD)));
        } catch (IOException | IllegalArgumentException e) {
            throw new AssertionError("A client cannot read it", e);
        }
        List<Field> expected = fields.asFields(false);
        List<Field> received = response.fields().stream()
                .filter(field -> !NOT_THE_HANDLERS.contains(field.name().toLowerCase(Locale.ROOT)))
                .toList();
        boolean dated = expected.stream().anyMatch(field -> field.name().equalsIgnoreCase("Date"));
        require(response.status() == status, "the status");
        require(dated == (received.size() == expected.size()), "one Date");
        require(received.subList(0, expected.size()).equals(expected), "the fields");
        require(Arrays.equals(response.body(), body), "the body");
        require(response.trailers().equals(trailers), "the trailers");
        require(response.saysClose() != keepsConnection, "what is said about the connection");
        boolean toTheEnd = response.framing() == RawResponse.Framing.TO_END;
        require(toTheEnd || response.isComplete(), "the end of the body");
        require(in.available() == 0, "nothing behind the response");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("Not as it was given: " + what);
        }
    }

    private static ResponseReader.Source source(ByteArrayInputStream in) {
        return new ResponseReader.Source() {
            @Override
            public int next() {
                return in.read();
            }

            @Override
            public int next(byte[] target, int count) {
                return in.read(target, 0, count);
            }
        };
    }

    private static Loose fields(Choices choices, int count) {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = choices.latin1();
            String value = choices.latin1();
            // A character that Latin-1 does not have; its low byte is a line feed.
            fields.add(new Field(name, choices.one() == 255 ? value + '\u010a' : value));
        }
        return new Loose(fields);
    }

    /** Headers of somebody else's making, which nobody has checked. */
    private record Loose(List<Field> fields) implements Headers {
        @Override
        public int size() {
            return fields.size();
        }

        @Override
        public String name(int index) {
            return fields.get(index).name();
        }

        @Override
        public String value(int index) {
            return fields.get(index).value();
        }

        boolean isLegal() {
            return fields.stream()
                    .allMatch(field -> field.name().matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")
                            && field.value().matches("[\\t\\x20-\\x7e\\x80-\\xff]*"));
        }

        /** As a client reads them, all or only those that are the handler's to give. */
        List<Field> asFields(boolean all) {
            return fields.stream()
                    .filter(field ->
                            all || !NOT_THE_HANDLERS.contains(field.name().toLowerCase(Locale.ROOT)))
                    .map(field -> new Field(field.name(), field.value().strip()))
                    .toList();
        }
    }
}
