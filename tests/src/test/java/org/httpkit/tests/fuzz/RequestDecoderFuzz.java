package org.httpkit.tests.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.internal.fields.BodyFraming;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.fields.ViolationException;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.http1.RequestDecoder;

/** Requests: whatever comes is steps or a named violation, the same at any split, within the limits. */
public final class RequestDecoderFuzz {
    private static final HeadLimits SMALL = new HeadLimits(64, 256, 6);

    private RequestDecoderFuzz() {}

    /** One byte chooses the limits, two the cut. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        HeadLimits limits = choices.yes() ? SMALL : HeadLimits.DEFAULT;
        int cut = choices.two();
        Outcome.atAnySplit(choices.rest(), cut, () -> new Requests(limits));
    }

    private static final class Requests implements Outcome.Run {
        private final HeadLimits limits;
        private final RequestDecoder decoder;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        Requests(HeadLimits limits) {
            this.limits = limits;
            decoder = new RequestDecoder(limits, new DecoderPool());
        }

        @Override
        public boolean feed(ByteBuffer in, List<String> steps) {
            try {
                while (true) {
                    switch (decoder.advance(in)) {
                        case NEED_INPUT -> {
                            return true;
                        }
                        case HEAD -> addHead(decoder.head(), steps);
                        case BODY -> addBody();
                        case END -> addEnd(steps);
                    }
                }
            } catch (ViolationException e) {
                addPartOfBody(steps);
                steps.add("for HEAD: " + decoder.isHeadRequest());
                steps.add(Outcome.violation(e.violation()));
                return false;
            }
        }

        @Override
        public void end(List<String> steps) {
            addPartOfBody(steps);
            steps.add("idle " + decoder.isIdle() + ", in a head " + decoder.inHead());
        }

        private void addHead(RequestHead head, List<String> steps) {
            require(head.target().length() <= limits.maxLineBytes(), "the line limit");
            checkFields(head);
            boolean framed = head.bodyFraming() == BodyFraming.LENGTH;
            require(framed == head.contentLength() > 0 || head.contentLength() == 0, "one framing");
            require((head.bodyFraming() == BodyFraming.CHUNKED) == (head.contentLength() == -1), "one framing");
            steps.add("head " + head + " path " + head.path() + " query " + head.query() + " authority "
                    + head.authority() + " " + head.bodyFraming() + " " + head.contentLength() + " keep-alive "
                    + head.keepAlive() + " " + head.expectsContinue() + head.hasUnknownExpectation());
        }

        private void addBody() {
            require(decoder.bodyLength() > 0, "a part of a body is not empty");
            body.write(decoder.bodyArray(), decoder.bodyOffset(), decoder.bodyLength());
            require(decoder.bodyBytes() == body.size(), "the body's bytes are counted");
            require(decoder.announcedBodyBytes() >= decoder.bodyBytes(), "no more body than announced");
        }

        private void addEnd(List<String> steps) {
            RequestHead head = decoder.head();
            require(head.contentLength() < 0 || head.contentLength() == body.size(), "a body as long as declared");
            addPartOfBody(steps);
            checkFields(decoder.trailers());
            steps.add("end " + decoder.trailers());
        }

        private void addPartOfBody(List<String> steps) {
            if (body.size() > 0) {
                steps.add("body " + body.toString(StandardCharsets.ISO_8859_1));
                body.reset();
            }
        }

        private void checkFields(Headers fields) {
            require(fields.size() <= limits.maxHeaderCount(), "the limit of fields");
            int bytes = 0;
            String[] namesAndValues = new String[2 * fields.size()];
            for (int i = 0; i < fields.size(); i++) {
                namesAndValues[2 * i] = fields.name(i);
                namesAndValues[2 * i + 1] = fields.value(i);
                int line = fields.name(i).length() + fields.value(i).length() + 3;
                require(line <= limits.maxLineBytes(), "the line limit");
                require(fields.value(i).equals(trimmed(fields.value(i))), "no white space around a value");
                bytes += line;
            }
            // With the empty line, and without the white space that was around the values.
            require(bytes + 2 <= limits.maxHeaderBytes(), "the limit of the section");
            // Throws if a name or value has what it must not.
            Headers.of(namesAndValues);
        }

        private static String trimmed(String value) {
            return value.replaceAll("^[ \t]+|[ \t]+$", "");
        }

        private static void require(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError("Not kept: " + what);
            }
        }
    }
}
