package org.httpkit.tests.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.httpkit.internal.proxy.ProxyDecoder;
import org.httpkit.internal.proxy.ProxyHeader;
import org.httpkit.internal.proxy.ProxyViolationException;
import org.httpkit.internal.proxy.Tlv;

/** The beginning of a proxied connection: a header, none, or a named violation, the same at any split; no byte is lost. */
public final class ProxyDecoderFuzz {
    private static final int[] MAX_BINARY_BYTES = {ProxyDecoder.LEAST_BINARY_LIMIT, 4096, ProxyDecoder.MOST_BINARY_LIMIT
    };

    private ProxyDecoderFuzz() {}

    /** One byte chooses mode and limit, two the cut. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        int options = choices.one();
        ProxyDecoder.Mode mode = (options & 1) == 0 ? ProxyDecoder.Mode.ENABLED : ProxyDecoder.Mode.OPTIONAL;
        int max = MAX_BINARY_BYTES[(options >> 1) % MAX_BINARY_BYTES.length];
        int cut = choices.two();
        Outcome.atAnySplit(choices.rest(), cut, () -> new Beginning(new ProxyDecoder(mode, max)));
    }

    private static final class Beginning implements Outcome.Run {
        private final ProxyDecoder decoder;
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private boolean decided;
        private int replayed;

        Beginning(ProxyDecoder decoder) {
            this.decoder = decoder;
        }

        @Override
        public boolean feed(ByteBuffer in, List<String> steps) {
            int start = in.position();
            try {
                ProxyDecoder.Step step = decoder.advance(in);
                decided = step != ProxyDecoder.Step.NEED_INPUT;
                switch (step) {
                    case NEED_INPUT -> taken.write(in.array(), in.arrayOffset() + start, in.position() - start);
                    case HEADER -> add(decoder.header(), steps);
                    case NO_HEADER -> {
                        if (in.position() != start) {
                            throw new AssertionError("Input is gone that is not of a header");
                        }
                        replay();
                        steps.add("no header");
                    }
                }
                return !decided;
            } catch (ProxyViolationException e) {
                decided = true;
                steps.add(Outcome.violation(e.violation()));
                return false;
            }
        }

        @Override
        public void end(List<String> steps) {
            if (!decided) {
                replay();
                steps.add("undecided " + decoder.endsWithoutHeader());
            }
        }

        @Override
        public int consumed(int count) {
            return count - replayed;
        }

        private void replay() {
            ByteBuffer replay = decoder.replay();
            replayed = replay.remaining();
            byte[] bytes = new byte[replayed];
            replay.get(bytes);
            if (!Arrays.equals(bytes, taken.toByteArray())) {
                throw new AssertionError("Replayed is " + HexFormat.of().formatHex(bytes));
            }
        }

        private static void add(ProxyHeader header, List<String> steps) {
            steps.add("header " + header.version() + " " + header.command() + " " + header.family() + " "
                    + header.source() + " " + header.destination() + " " + header.alpn() + " " + header.authority()
                    + " " + header.isTls() + " " + header.tlsVersion() + " " + header.tlsCommonName() + " "
                    + header.isVerified());
            for (Tlv tlv : header.tlvs()) {
                steps.add(tlv.type() + " " + tlv.text() + " " + HexFormat.of().formatHex(tlv.value()));
            }
        }
    }
}
