package org.httpkit.tests.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import javax.net.ssl.SSLException;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.tls.Handshake;
import org.httpkit.internal.tls.TlsContext;
import org.httpkit.testkit.TestCertificate;

/** The records of a TLS client's handshake: a step or a refusal, the same at any split, and never any other failure. */
public final class HandshakeFuzz {
    private static final TlsContext CONTEXT = context();

    private HandshakeFuzz() {}

    private static TlsContext context() {
        try {
            return TlsContext.load(TestCertificate.localhost().tls());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Two bytes choose the cut. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        int cut = choices.two();
        Outcome.atAnySplit(choices.rest(), cut, Client::new);
    }

    /** A server's side that meets such a client. */
    private static final class Client implements Outcome.Run {
        private final Handshake handshake = CONTEXT.begin(List.of("h2", "http/1.1"));
        private final ByteQueue out = new ByteQueue(1024);
        private Handshake.Step step = Handshake.Step.NEED_INPUT;

        @Override
        public boolean feed(ByteBuffer in, List<String> steps) {
            try {
                step = handshake.advance(in, out);
                while (step == Handshake.Step.NEED_TASK) {
                    handshake.runTasks();
                    step = handshake.advance(ByteBuffer.allocate(0), out);
                }
                return step == Handshake.Step.NEED_INPUT;
            } catch (SSLException e) {
                steps.add(Outcome.violation(e.getMessage()));
                return false;
            }
        }

        @Override
        public void end(List<String> steps) {
            if (steps.isEmpty()) {
                steps.add(step + (out.isEmpty() ? "" : ", answered"));
            }
        }

        /** The engine sees whole records, so it finds a fault only at the end of one. */
        @Override
        public int consumed(int count) {
            return -1;
        }
    }
}
