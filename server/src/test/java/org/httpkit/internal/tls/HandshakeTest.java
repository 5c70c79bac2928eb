package org.httpkit.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.tls.Handshake.Beginning;
import org.httpkit.internal.tls.Handshake.Step;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HandshakeTest {
    private static TlsContext context;

    @BeforeAll
    static void load() throws Exception {
        context = TlsContext.load(TestFiles.tls());
    }

    /** Feeds the input in pieces of that size, and runs what tasks there are. */
    static Step feed(Handshake handshake, byte[] input, int pieceBytes, ByteQueue out) throws SSLException {
        Step step = Step.NEED_INPUT;
        for (int at = 0; at < input.length; at += pieceBytes) {
            ByteBuffer piece = ByteBuffer.wrap(input, at, Math.min(pieceBytes, input.length - at));
            step = handshake.advance(piece, out);
            assertThat(piece.hasRemaining()).isFalse();
            while (step == Step.NEED_TASK) {
                handshake.runTasks();
                step = handshake.advance(ByteBuffer.allocate(0), out);
            }
        }
        return step;
    }

    /** Until both sides are done. */
    static Step shake(ClientSide client, Handshake handshake, int pieceBytes) throws SSLException {
        ByteQueue out = new ByteQueue(1024);
        Step step = Step.NEED_INPUT;
        for (int flights = 0; flights < 4 && step != Step.DONE; flights++) {
            step = feed(handshake, client.say(), pieceBytes, out);
            client.receive(out.toByteArray());
            out.clear();
        }
        return step;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void isOverHoweverTheInputIsCut(String protocol) throws Exception {
        for (int pieceBytes : new int[] {1, 2, 3, 5, 7, 64, 100_000}) {
            ClientSide client = new ClientSide(protocol);
            Handshake handshake = context.begin(List.of("http/1.1"));

            assertThat(shake(client, handshake, pieceBytes))
                    .as("pieces of " + pieceBytes)
                    .isEqualTo(Step.DONE);
            assertThat(client.isDone()).isTrue();
            assertThat(handshake.applicationProtocol()).isEmpty();
            assertThat(handshake.isResumed()).isFalse();
            assertThat(handshake.agreedOn()).startsWith(protocol);
            assertThat(handshake.heldBytes()).isZero();
        }
    }

    @Test
    void holdsNoMoreThanTheBeginningOfARecord() throws Exception {
        byte[] hello = new ClientSide("TLSv1.3").say();
        Handshake handshake = context.begin(List.of());

        Step step = handshake.advance(ByteBuffer.wrap(hello, 0, hello.length - 1), new ByteQueue(16));

        assertThat(step).isEqualTo(Step.NEED_INPUT);
        assertThat(handshake.heldBytes()).isEqualTo(hello.length - 1);
    }

    @Test
    void saysAnAlertWhenItFails() throws Exception {
        byte[] hello = new ClientSide("TLSv1.3").say();
        hello[5] = 99; // no message of a handshake
        Handshake handshake = context.begin(List.of());
        ByteQueue out = new ByteQueue(16);

        assertThatThrownBy(() -> feed(handshake, hello, 1000, out)).isInstanceOf(SSLException.class);

        assertThat(out.toByteArray()[0]).as("an alert").isEqualTo((byte) 21);
    }

    @Test
    void endsWhenTheClientSendsMoreThanAHandshakeTakes() throws Exception {
        Handshake handshake = context.begin(List.of());
        byte[] hello = new ClientSide("TLSv1.3").say();
        ByteQueue fragments = new ByteQueue(1 << 18);
        for (int i = 0; i < 200_000; i++) {
            // One byte in each record: a message that claims 16 MB, and never ends.
            byte next = i == 0 ? 1 : i < 4 ? (byte) 255 : hello[5 + i % (hello.length - 5)];
            fragments.append(new byte[] {22, 3, 3, 0, 1, next});
        }

        assertThatThrownBy(() -> feed(handshake, fragments.toByteArray(), 1000, new ByteQueue(16)))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void dataWithinTheHandshakeIsRefused() {
        Handshake handshake = context.begin(List.of());
        byte[] record = {23, 3, 3, 0, 5, 'h', 'e', 'l', 'l', 'o'};

        assertThatThrownBy(() -> feed(handshake, record, 100, new ByteQueue(16)))
                .isInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @CsvSource({"22,TLS", "71,PLAIN_HTTP", "80,PLAIN_HTTP", "0,OTHER", "128,OTHER", "103,OTHER", "23,OTHER"})
    void knowsWhatAClientHasInMindByItsFirstByte(int first, Beginning beginning) {
        assertThat(Handshake.beginningOf((byte) first)).isEqualTo(beginning);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void leavesAllWorkToAThreadIfTheEngineMayComputeWithoutTasks(String protocol) throws Exception {
        SSLContext keys = SSLContext.getInstance("TLS");
        Identity identity = TlsFiles.identity(TestFiles.tls().source());
        keys.init(new KeyManager[] {new CertificateChooser(Map.of("", identity))}, null, null);
        EagerEngine engine = new EagerEngine(keys.createSSLEngine());
        engine.setUseClientMode(false);
        Handshake handshake = new Handshake(new TlsEngine(engine));
        ClientSide client = new ClientSide(protocol);
        ByteQueue out = new ByteQueue(1024);
        byte[] hello = client.say();

        assertThat(handshake.advance(ByteBuffer.wrap(hello, 0, hello.length - 1), out))
                .isEqualTo(Step.NEED_INPUT);
        assertThat(handshake.advance(ByteBuffer.wrap(hello, hello.length - 1, 1), out))
                .isEqualTo(Step.NEED_TASK);
        assertThat(engine.computed).isZero();
        assertThat(out.length()).isZero();
        handshake.runTasks();
        assertThat(handshake.advance(ByteBuffer.allocate(0), out)).isEqualTo(Step.NEED_INPUT);
        assertThat(engine.computed).isPositive();
        client.receive(out.toByteArray());
        assertThat(handshake.advance(ByteBuffer.wrap(client.finish()), out)).isEqualTo(Step.NEED_TASK);
        handshake.runTasks();
        assertThat(handshake.advance(ByteBuffer.allocate(0), out)).isEqualTo(Step.DONE);
        assertThat(handshake.applicationProtocol()).isEmpty();
        assertThat(handshake.advance(ByteBuffer.wrap(hello), out)).isEqualTo(Step.DONE);
        assertThat(handshake.heldBytes()).isEqualTo(hello.length);
    }

    @Test
    void handsOnWhatCameBehindIt() throws Exception {
        ClientSide client = new ClientSide("TLSv1.3");
        Handshake handshake = context.begin(List.of());
        ByteQueue out = new ByteQueue(1024);
        feed(handshake, client.say(), 10_000, out);
        client.receive(out.toByteArray());
        byte[] finished = client.finish();
        byte[] data = client.encrypt("hello".getBytes(StandardCharsets.US_ASCII));
        byte[] both = new byte[finished.length + data.length];
        System.arraycopy(finished, 0, both, 0, finished.length);
        System.arraycopy(data, 0, both, finished.length, data.length);

        assertThat(feed(handshake, both, both.length, out)).isEqualTo(Step.DONE);

        TlsTransport layer = (TlsTransport) handshake.wrap(new MemoryWire());
        assertThat(layer.hasInput()).isTrue();
        ByteBuffer into = ByteBuffer.allocate(64 * 1024);
        assertThat(layer.read(into)).isEqualTo(5);
        assertThat(layer.hasInput()).isFalse();
    }
}
