package org.httpkit.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.httpkit.internal.bytes.ByteQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TlsTransportTest {
    private static TlsContext context;

    private final MemoryWire wire = new MemoryWire();
    private ClientSide client;
    private TlsTransport layer;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() throws Exception {
        context = TlsContext.load(TestFiles.tls());
    }

    private void open(String protocol) throws Exception {
        client = new ClientSide(protocol);
        Handshake handshake = context.begin(List.of());
        assertThat(HandshakeTest.shake(client, handshake, 100_000)).isEqualTo(Handshake.Step.DONE);
        layer = (TlsTransport) handshake.wrap(wire);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    /** Reads all that is there, as a link would. */
    private byte[] readAll() throws IOException {
        ByteQueue all = new ByteQueue(1024);
        ByteBuffer into = ByteBuffer.allocate(64 * 1024);
        int count = layer.read(into.clear());
        while (count > 0) {
            all.append(into.array(), 0, count);
            count = layer.read(into.clear());
        }
        return all.toByteArray();
    }

    private void clientReceives() throws SSLException {
        client.receive(wire.takeSent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void readsWhatTheClientSendsHoweverItIsCut(String protocol) throws Exception {
        for (int pieceBytes : new int[] {1, 3, 4, 5, 6, 1000, 16_384, 60_000, 200_000}) {
            open(protocol);
            byte[] sent = bytes(pieceBytes < 100 ? 2000 : 150_000);
            byte[] records = client.encrypt(sent);
            ByteQueue read = new ByteQueue(1024);
            for (int at = 0; at < records.length; at += pieceBytes) {
                byte[] piece = new byte[Math.min(pieceBytes, records.length - at)];
                System.arraycopy(records, at, piece, 0, piece.length);
                wire.receive(piece);
                read.append(readAll());
            }

            assertThat(read.toByteArray()).as("pieces of " + pieceBytes).isEqualTo(sent);
            assertThat(layer.hasInput()).isFalse();
        }
    }

    @Test
    void readsAllThatCameBehindTheHandshakeHoweverMuch() throws Exception {
        client = new ClientSide("TLSv1.3");
        Handshake handshake = context.begin(List.of());
        ByteQueue out = new ByteQueue(1024);
        HandshakeTest.feed(handshake, client.say(), 10_000, out);
        client.receive(out.toByteArray());
        byte[] sent = bytes(150_000);
        ByteQueue rest = new ByteQueue(1024);
        rest.append(client.finish());
        byte[] records = client.encrypt(sent);
        rest.append(Arrays.copyOf(records, records.length - 1000));
        assertThat(HandshakeTest.feed(handshake, rest.toByteArray(), rest.length(), out))
                .isEqualTo(Handshake.Step.DONE);
        layer = (TlsTransport) handshake.wrap(wire);

        ByteQueue read = new ByteQueue(1024);
        while (layer.hasInput()) {
            read.append(readOnce());
        }
        wire.receive(Arrays.copyOfRange(records, records.length - 1000, records.length));
        read.append(readAll());

        assertThat(read.toByteArray()).isEqualTo(sent);
    }

    private byte[] readOnce() throws IOException {
        ByteBuffer into = ByteBuffer.allocate(64 * 1024);
        int count = layer.read(into);
        return Arrays.copyOf(into.array(), count);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 1300, 1301, 16_384, 70_000, 200_000})
    void theClientReadsWhatIsWritten(int count) throws Exception {
        open("TLSv1.3");
        byte[] sent = bytes(count);
        ByteBuffer rest = ByteBuffer.wrap(sent);
        while (rest.hasRemaining()) {
            assertThat(layer.write(rest)).isPositive();
        }
        clientReceives();

        assertThat(client.plain()).isEqualTo(sent);
    }

    @Test
    void twoBuffersLeaveInOneWrite() throws Exception {
        open("TLSv1.3");

        assertThat(layer.write(ByteBuffer.wrap(bytes(10)), ByteBuffer.wrap(bytes(20))))
                .isEqualTo(30);

        clientReceives();
        assertThat(client.plain()).hasSize(30);
    }

    @Test
    void holdsWhatTheSocketDoesNotTakeAndCountsIt() throws Exception {
        open("TLSv1.3");
        wire.room = 100;
        ByteBuffer more = ByteBuffer.wrap(bytes(10));

        assertThat(layer.write(ByteBuffer.wrap(bytes(1000)))).isEqualTo(1000);

        long held = layer.heldChange();
        assertThat(held).isBetween(900L, 1000L);
        assertThat(layer.heldChange()).isZero();
        assertThat(layer.write(more)).as("nothing before what is held").isZero();
        assertThat(layer.flush()).isFalse();
        wire.room = 300;
        assertThat(layer.flush()).isFalse();
        assertThat(layer.heldChange()).isEqualTo(-300);
        wire.room = Integer.MAX_VALUE;
        assertThat(layer.write(more)).isEqualTo(10);
        assertThat(layer.flush()).isTrue();
        assertThat(layer.heldChange()).isEqualTo(300 - held);
        clientReceives();
        assertThat(client.plain()).hasSize(1010);
    }

    @Test
    void whatIsHeldCanBeDropped() throws Exception {
        open("TLSv1.3");
        wire.room = 0;
        layer.write(ByteBuffer.wrap(bytes(1000)));
        long held = layer.heldChange();

        layer.discard();

        assertThat(layer.heldChange()).isEqualTo(-held);
        assertThat(layer.flush()).isTrue();
    }

    @Test
    void theFirstRecordsFitIntoAPacketEach() throws Exception {
        open("TLSv1.3");

        layer.write(ByteBuffer.wrap(bytes(20_000)));

        byte[] sent = wire.takeSent();
        int first = (sent[3] & 0xFF) << 8 | (sent[4] & 0xFF);
        assertThat(first).isLessThan(1400);
        layer.write(ByteBuffer.wrap(bytes(16_384)));
        byte[] later = wire.takeSent();
        assertThat((later[3] & 0xFF) << 8 | (later[4] & 0xFF)).isGreaterThan(16_384);
    }

    @Test
    void aFileIsEncryptedPieceByPiece() throws Exception {
        open("TLSv1.3");
        byte[] content = bytes(150_000);
        Path path = Files.write(folder.resolve("file"), content);
        try (FileChannel file = FileChannel.open(path)) {
            long position = 0;
            while (position < content.length) {
                position += layer.transfer(file, position, content.length - position);
            }
        }
        clientReceives();

        assertThat(client.plain()).isEqualTo(content);
    }

    // ---- what the client says besides data

    @Test
    void newKeysAreAnsweredWithNewKeys() throws Exception {
        open("TLSv1.3");
        wire.receive(client.startOver());

        assertThat(readAll()).isEmpty();

        assertThat(layer.wantsFlush()).isTrue();
        assertThat(layer.flush()).isTrue();
        assertThat(layer.wantsFlush()).isFalse();
        layer.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII)));
        clientReceives();
        assertThat(client.plain()).hasSize(5);
    }

    @Test
    void newKeysWithoutEndEndTheConnection() throws Exception {
        open("TLSv1.3");

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        wire.receive(client.startOver());
                        readAll();
                        layer.flush();
                        clientReceives();
                    }
                })
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("without data");
    }

    @Test
    void anotherHandshakeIsRefused() throws Exception {
        open("TLSv1.2");
        wire.receive(client.startOver());

        assertThatThrownBy(this::readAll).isInstanceOf(SSLException.class).hasMessageContaining("Renegotiation");
    }

    /** In TLS 1.3 a client can bring an engine into this state by one encrypted handshake message, while another thread writes. */
    @Test
    void aWriteFailsIfTheEngineWantsATaskToBeRunFirst() throws Exception {
        SSLEngine waiting = new EagerEngine(SSLContext.getDefault().createSSLEngine()) {
            @Override
            public SSLEngineResult wrap(ByteBuffer[] in, int offset, int length, ByteBuffer out) {
                return new SSLEngineResult(SSLEngineResult.Status.OK, HandshakeStatus.NEED_TASK, 0, 0);
            }
        };
        layer = new TlsTransport(wire, waiting, false, new byte[0]);

        assertThatThrownBy(() -> layer.write(ByteBuffer.allocate(1)))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("NEED_TASK");
        assertThat(wire.takeSent()).isEmpty();
    }

    @Test
    void aRecordThatIsTooLongIsNotWaitedFor() throws Exception {
        open("TLSv1.3");
        wire.receive(new byte[] {23, 3, 3, (byte) 0xFF, (byte) 0xFF});

        assertThatThrownBy(this::readAll).isInstanceOf(SSLException.class);
        assertThat(layer.wantsFlush()).as("an alert").isTrue();
    }

    @Test
    void aDamagedRecordIsAnsweredWithAnAlert() throws Exception {
        open("TLSv1.3");
        byte[] record = client.encrypt(bytes(100));
        record[50] ^= 1;
        wire.receive(record);

        assertThatThrownBy(this::readAll).isInstanceOf(SSLException.class);
        layer.farewell();

        assertThat(wire.sent.length()).isPositive();
        assertThatThrownBy(this::clientReceives).isInstanceOf(SSLException.class);
    }

    // ---- ends

    @Test
    void theClientsEndIsTheEndOfTheInputAndInTls13OutputGoesOn() throws Exception {
        open("TLSv1.3");
        wire.receive(client.encrypt(bytes(3)));
        wire.receive(client.sayEnd());

        ByteBuffer into = ByteBuffer.allocate(64 * 1024);
        assertThat(layer.read(into)).isEqualTo(3);
        assertThat(layer.read(into.clear())).isEqualTo(-1);
        assertThat(layer.write(ByteBuffer.wrap(bytes(7)))).isEqualTo(7);
        clientReceives();
        assertThat(client.plain()).hasSize(7);
    }

    @Test
    void hasTheEndThatCameWithTheLastDataWithoutASocketThatSaysSo() throws Exception {
        open("TLSv1.3");
        wire.receive(client.encrypt(bytes(3)));
        wire.receive(client.sayEnd());

        ByteBuffer into = ByteBuffer.allocate(64 * 1024);
        assertThat(layer.read(into)).isEqualTo(3);
        assertThat(layer.hasInput()).isTrue();
        assertThat(layer.read(into.clear())).isEqualTo(-1);
        assertThat(layer.hasInput()).isFalse();
    }

    @Test
    void inTls12TheClientsEndEndsOurSideToo() throws Exception {
        open("TLSv1.2");
        wire.receive(client.sayEnd());

        assertThat(layer.read(ByteBuffer.allocate(64 * 1024))).isEqualTo(-1);
        assertThatThrownBy(() -> layer.write(ByteBuffer.wrap(bytes(7))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended the TLS connection");
    }

    @Test
    void anEndWithoutWordsIsAnEnd() throws Exception {
        open("TLSv1.3");
        wire.inputEnded = true;

        assertThat(layer.read(ByteBuffer.allocate(64 * 1024))).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void saysTheEndBeforeTheSocketEnds(String protocol) throws Exception {
        open(protocol);

        assertThat(layer.shutdownOutput()).isTrue();

        clientReceives();
        assertThat(client.isEnded()).isTrue();
        assertThat(wire.outputEnded).isTrue();
    }

    @Test
    void theSocketDoesNotEndBeforeThereWasRoomForThat() throws Exception {
        open("TLSv1.3");
        wire.room = 5;

        assertThat(layer.shutdownOutput()).isFalse();
        assertThat(wire.outputEnded).isFalse();
        wire.room = 1000;
        assertThat(layer.shutdownOutput()).isTrue();

        clientReceives();
        assertThat(client.isEnded()).isTrue();
        assertThat(wire.outputEnded).isTrue();
    }

    @Test
    void tellsHowTheConnectionIsEncrypted() throws Exception {
        open("TLSv1.2");

        assertThat(layer.isSecure()).isTrue();
        assertThat(layer.security().session().getProtocol()).isEqualTo("TLSv1.2");
        assertThat(layer.security().resumed()).isFalse();
    }
}
