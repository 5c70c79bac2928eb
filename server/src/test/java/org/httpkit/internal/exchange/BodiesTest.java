package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.ZipException;
import org.httpkit.http.Headers;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which bodies come and go. */
final class BodiesTest {
    private static final Headers LATIN = Headers.of("Content-Type", "text/plain; charset=iso-8859-1");

    private final List<String> seen = new ArrayList<>();

    private void take(byte[] bytes, int offset, int count) {
        seen.add(count > 20 ? count + " bytes" : new String(bytes, offset, count, StandardCharsets.UTF_8));
    }

    private InputStream noted(InputStream source) {
        return new FilterInputStream(source) {
            @Override
            public void close() throws IOException {
                seen.add("closed");
                super.close();
            }
        };
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    // ---- pulled

    @Test
    void pullsAStreamToItsEndOrItsLengthAndClosesIt() throws Exception {
        BodySource.pull(new ResponseBody.Stream(noted(bytes("hello")), -1), this::take);
        BodySource.pull(new ResponseBody.Stream(noted(bytes("hello")), 4), this::take);
        BodySource.pull(new ResponseBody.Stream(noted(new ByteArrayInputStream(new byte[20_000])), -1), this::take);

        assertThat(seen).containsExactly("hello", "closed", "hell", "closed", "16384 bytes", "3616 bytes", "closed");
    }

    @Test
    void pullsAFile(@TempDir Path folder) throws Exception {
        BodySource.pull(new ResponseBody.File(Files.writeString(folder.resolve("a"), "content")), this::take);

        assertThat(seen).containsExactly("content");
    }

    @Test
    void gathersWhatIsWrittenInSmallParts() throws Exception {
        BodySource.pull(
                new ResponseBody.Written(out -> {
                    out.write('a');
                    out.write("bc".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    out.write('d');
                }),
                this::take);

        assertThat(seen).containsExactly("abc", "d");
    }

    @Test
    void closesPiecesThatCanBeClosed() throws Exception {
        class Pieces implements Iterator<Object>, AutoCloseable {
            private int next;

            @Override
            public boolean hasNext() {
                return next < 2;
            }

            @Override
            public Object next() {
                return next++ == 0 ? "one" : ByteBuffer.wrap(new byte[] {'2'});
            }

            @Override
            public void close() {
                seen.add("closed");
            }
        }
        BodySource.pull(new ResponseBody.Pieces(Pieces::new), this::take);

        assertThat(seen).containsExactly("one", "2", "closed");
    }

    @Test
    void keepsTheInterruptOfAWriter() {
        assertThatThrownBy(
                        () -> BodySource.pull(new ResponseBody.Written(out -> out.write(new byte[9000])), (b, o, c) -> {
                            throw new InterruptedException();
                        }))
                .isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void pullsNothingThatIsThereAlready() {
        assertThatThrownBy(() -> BodySource.pull(ResponseBody.Empty.EMPTY, this::take))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void skipsToThePartOfAStreamAtTheFirstRead() throws IOException {
        InputStream part = new PartStream(bytes("hello"), 3);
        assertThat(part.read()).isEqualTo('l');
        assertThat(part.read()).isEqualTo('o');
        assertThat(part.read()).isEqualTo(-1);
        assertThat(new PartStream(bytes("hello"), 3).readAllBytes())
                .isEqualTo("lo".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> new PartStream(bytes("hello"), 6).read()).isInstanceOf(EOFException.class);
    }

    // ---- collected

    @Test
    void growsWithWhatHasComeAndNotWithWhatIsAnnounced() {
        BodyCollector collector = new BodyCollector(1 << 30, 0);
        assertThat(collector.heldBytes()).isEqualTo(4080);
        collector.append(new byte[4080], 0, 4080);
        assertThat(collector.heldBytes()).isEqualTo(4080);
        collector.append(new byte[] {0, 7, 0}, 1, 1);
        assertThat(collector.heldBytes()).isEqualTo(8176);
        assertThat(collector.bytes()).hasSize(4081).endsWith(7);
    }

    @Test
    void givesAwayTheArrayOfABodyThatFillsIt() {
        BodyCollector collector = new BodyCollector(3, 100);
        collector.append(new byte[] {1, 2, 3}, 0, 3);

        assertThat(collector.heldBytes()).isEqualTo(3);
        assertThat(collector.bytes()).containsExactly(1, 2, 3).isSameAs(collector.bytes());
        BodyCollector growing = new BodyCollector(5000, 0);
        growing.append(new byte[4100], 0, 4100);
        assertThat(growing.heldBytes()).isEqualTo(5000);
        assertThat(new BodyCollector(0, 100).heldBytes()).isZero();
        BodyCollector undeclared = new BodyCollector(-1, 10_000);
        assertThat(undeclared.heldBytes()).isEqualTo(10_000);
        undeclared.append(new byte[100_000], 0, 100_000);
        assertThat(undeclared.bytes()).hasSize(100_000);
    }

    @Test
    void readsACollectedBodyInEachForm() throws IOException {
        CollectedBody body = new CollectedBody(new byte[] {(byte) 0xe4}, LATIN);

        assertThat(body.length()).isEqualTo(1);
        assertThat(body.text()).isEqualTo("\u00e4");
        assertThat(body.stream().read()).isEqualTo(0xe4);
        assertThat(body.bytes()).hasSize(1);
    }

    // ---- decoded

    private DecodedBody decoded(InputStream source, long mostBytes) {
        return new DecodedBody(new DecodedBody.Source(noted(bytes("coded"))), noted(source), LATIN, mostBytes);
    }

    @Test
    void readsADecodedBodyInEachForm() throws IOException {
        assertThat(decoded(bytes("\u00e4b"), 2).text()).isEqualTo("\u00e4b");
        assertThat(decoded(bytes("ab"), 2).bytes()).hasSize(2);
        DecodedBody body = decoded(bytes("\u00e4b"), 2);
        assertThat(body.length()).isEqualTo(-1);
        assertThat(body.available()).isZero();
        assertThat(body.markSupported()).isFalse();
        assertThat(body.stream()).isSameAs(body);
        assertThat(body.read()).isEqualTo(0xe4);
        assertThat(body.read()).isEqualTo('b');
        assertThat(body.read()).isEqualTo(-1);
    }

    @Test
    void freesTheDecoderOnceItIsOfNoMoreUse() throws IOException {
        DecodedBody whole = decoded(bytes("ab"), 2);
        whole.bytes();
        assertThat(seen).containsExactly("closed");
        whole.close();
        whole.release();
        assertThat(whole.read()).isEqualTo(-1);
        assertThat(seen).containsExactly("closed");

        DecodedBody tooLong = decoded(bytes("abc"), 2);
        assertThatThrownBy(tooLong::bytes).isInstanceOf(RefusedBodyException.class);
        assertThat(seen).containsExactly("closed", "closed");
        assertThatThrownBy(tooLong::read).isInstanceOf(RefusedBodyException.class);

        DecodedBody unread = decoded(bytes("abc"), 10);
        assertThat(unread.read()).isEqualTo('a');
        unread.release();
        assertThat(seen).containsExactly("closed", "closed", "closed");
        assertThatThrownBy(unread::read).isInstanceOf(IOException.class).hasMessageContaining("has been closed");
    }

    @Test
    void doesNotFailIfADecoderCannotBeClosed() throws IOException {
        InputStream source = new FilterInputStream(bytes("ab")) {
            @Override
            public void close() {
                throw new IllegalStateException("of a foreign decoder");
            }
        };

        assertThat(decoded(source, 10).text()).isEqualTo("ab");
    }

    @Test
    void freesTheDecoderAfterTheReadThatIsGoingOn() throws IOException {
        List<DecodedBody> bodies = new ArrayList<>();
        InputStream source = new FilterInputStream(bytes("ab")) {
            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                bodies.get(0).release(); // as another thread would
                assertThat(seen).isEmpty();
                return super.read(target, offset, count);
            }
        };
        bodies.add(decoded(source, 10));

        assertThat(bodies.get(0).read()).isEqualTo('a');
        assertThat(seen).containsExactly("closed");
        assertThatThrownBy(bodies.get(0)::read).isInstanceOf(IOException.class);
        assertThat(seen).containsExactly("closed");
    }

    @Test
    void skipsWithinADecodedBody() throws IOException {
        DecodedBody body = decoded(new ByteArrayInputStream(new byte[20_000]), 20_000);

        assertThat(body.skip(10_000)).isEqualTo(10_000);
        assertThat(body.skip(0)).isZero();
        assertThat(body.skip(-1)).isEqualTo(-1);
        assertThat(body.skip(20_000)).isEqualTo(10_000);
    }

    @Test
    void countsWhatIsSkippedOfADecodedBody() {
        assertThatThrownBy(() -> decoded(new ByteArrayInputStream(new byte[20_000]), 19_999)
                        .skip(20_000))
                .isInstanceOf(RefusedBodyException.class)
                .hasMessageContaining("larger than the 19999 bytes");
    }

    @Test
    void refusesWhatIsNotInItsCoding() {
        for (IOException fault :
                List.of(new ZipException("broken"), new EOFException("short"), new IOException("of another decoder"))) {
            InputStream broken = new InputStream() {
                @Override
                public int read() throws IOException {
                    throw fault;
                }
            };
            assertThatThrownBy(() -> decoded(broken, 10).bytes())
                    .isInstanceOfSatisfying(RefusedBodyException.class, refused -> {
                        assertThat(refused.status().code()).isEqualTo(400);
                        assertThat(refused.isTold()).isFalse();
                    })
                    .hasCause(fault);
        }
    }

    @Test
    void passesOnWhyTheCodedBytesCannotBeRead() {
        EOFException gone = new EOFException("The client has gone");
        DecodedBody.Source source = new DecodedBody.Source(new InputStream() {
            @Override
            public int read() throws IOException {
                throw gone;
            }
        });
        DecodedBody body = new DecodedBody(source, new FilterInputStream(source) {}, LATIN, 10);

        assertThatThrownBy(body::read).isSameAs(gone);
        assertThatThrownBy(body::bytes).isSameAs(gone);
    }

    // ---- streamed

    private StreamedBody streamed(long declared, long most, boolean continueIsDue) {
        return new StreamedBody(
                new ReentrantLock(),
                () -> seen.add("wake"),
                () -> seen.add("continue"),
                wait -> seen.add("give up"),
                declared,
                most,
                LATIN,
                continueIsDue);
    }

    @Test
    void readsAStreamedBodyInEachForm() throws IOException {
        StreamedBody body = streamed(-1, 100, false);
        body.offer(new byte[] {'x', (byte) 0xe4, 'b', 'c', 'd'}, 1, 4);
        assertThat(body.available()).isEqualTo(4);
        assertThat(body.isComplete()).isFalse();
        body.end(Headers.of("A", "b"));

        assertThat(body.isComplete()).isTrue();
        assertThat(body.trailers().first("A")).isEqualTo("b");
        assertThat(body.length()).isEqualTo(-1);
        assertThat(body.stream()).isSameAs(body);
        assertThat(body.read()).isEqualTo(0xe4);
        assertThat(body.read(new byte[3], 1, 0)).isZero();
        byte[] two = new byte[4];
        assertThat(body.read(two, 1, 2)).isEqualTo(2);
        assertThat(two).containsExactly(0, 'b', 'c', 0);
        assertThat(body.text()).isEqualTo("d");
        assertThat(body.read()).isEqualTo(-1);
        assertThat(body.available()).isZero();
        assertThatThrownBy(() -> body.read(two, 3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void joinsWhatComesBehindWhatWasRead() throws IOException {
        StreamedBody body = streamed(-1, 100, false);
        body.offer("abc".getBytes(StandardCharsets.US_ASCII), 0, 3);
        assertThat(body.read()).isEqualTo('a');
        body.offer("de".getBytes(StandardCharsets.US_ASCII), 0, 2);
        body.end(Headers.empty());

        assertThat(body.text()).isEqualTo("bcde");
    }

    @Test
    void asksForABodyOnceWhenItIsFirstRead() throws IOException {
        StreamedBody body = streamed(2, 100, true);
        assertThat(body.isContinueDue()).isTrue();
        body.offer(new byte[] {'a', 'b'}, 0, 2);
        body.read();
        body.read();

        assertThat(seen).containsExactly("continue");
        assertThat(body.isContinueDue()).isFalse();
        StreamedBody told = streamed(2, 100, true);
        assertThat(told.tryContinue()).isTrue();
        assertThat(told.isContinueDue()).isFalse();
        StreamedBody late = streamed(2, 100, true);
        late.responseBegins();
        assertThat(late.tryContinue()).isFalse();
        assertThat(late.isContinueDue()).isTrue();
    }

    @Test
    void failsABodyThatBecomesTooLong() {
        StreamedBody body = streamed(-1, 3, false);
        assertThat(body.offer(new byte[3], 0, 3)).isTrue();
        assertThat(body.offer(new byte[1], 0, 1)).isFalse();

        assertThatThrownBy(body::bytes)
                .isInstanceOf(RefusedBodyException.class)
                .hasMessageContaining("larger than the 3 bytes");
    }

    @Test
    void refusesAnAnnouncedLengthAboveTheLimit() throws IOException {
        streamed(3, 3, false).requireAnnouncedLength();
        assertThatThrownBy(() -> streamed(4, 3, false).requireAnnouncedLength())
                .isInstanceOf(RefusedBodyException.class);
    }

    @Test
    void tellsItsReaderWhyNoMoreComes() {
        StreamedBody body = streamed(-1, 100, false);
        body.fail(new IOException("gone"));
        body.end(Headers.of("A", "b"));

        assertThatIOException().isThrownBy(body::read).withMessage("gone");
        assertThat(body.trailers().size()).isZero();
        assertThat(body.isComplete()).isFalse();
    }

    @Test
    void holdsWhatNobodyHasReadAndNothingOnceItIsDropped() {
        StreamedBody body = streamed(-1, 1000, false);
        assertThat(body.heldBytes()).isZero();
        body.offer(new byte[500], 0, 500);
        assertThat(body.heldBytes()).isGreaterThanOrEqualTo(500);
        assertThat(body.wantsMore()).isFalse();

        body.discard();

        assertThat(body.heldBytes()).isZero();
        assertThat(body.available()).isZero();
        assertThat(body.offer(new byte[100], 0, 100)).isTrue();
        assertThat(body.heldBytes()).isZero();
    }

    @Test
    void keepsTheInterruptOfAReader() {
        StreamedBody body = streamed(-1, 1000, false);
        Thread.currentThread().interrupt();

        assertThatThrownBy(body::read).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(body.wantsMore()).isFalse();
    }

    // ---- what comes of failures and pages

    @Test
    void knowsWhyAConnectionWasClosed() {
        assertThat(EndedException.causeOf(null)).isEqualTo(Cause.PEER_CLOSED);
        assertThat(EndedException.causeOf(new IOException())).isEqualTo(Cause.PEER_RESET);
        assertThat(EndedException.causeOf(new EndedException(Cause.OVERLOAD, "x")))
                .isEqualTo(Cause.OVERLOAD);
        assertThat(new EndedException(Cause.OVERLOAD, "x", new IOException("y")))
                .hasMessage("x")
                .hasRootCauseMessage("y");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64 * 1024, 64 * 1024 + 1})
    void copiesPagesThatAreNotTooLong(int length) {
        byte[] content = new byte[length];
        int copied = length > 64 * 1024 ? -1 : length;

        assertThat(lengthOf(ErrorAnswers.contentOf(Response.bytes(content)))).isEqualTo(copied);
        assertThat(lengthOf(ErrorAnswers.contentOf(Response.bytes(ByteBuffer.wrap(content)))))
                .isEqualTo(copied);
        assertThat(lengthOf(ErrorAnswers.contentOf(Response.text("x".repeat(length)))))
                .isEqualTo(copied);
        assertThat(ErrorAnswers.contentOf(Response.of(200))).isEmpty();
        assertThat(ErrorAnswers.contentOf(Response.stream(out -> {}))).isNull();
        assertThat(ErrorAnswers.contentOf(Response.text("\u00e4".repeat(33_000))))
                .isNull();
    }

    private static int lengthOf(byte[] content) {
        return content == null ? -1 : content.length;
    }
}
