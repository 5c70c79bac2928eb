package org.httpkit.internal.connection;

import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ProxyPreface;
import org.httpkit.internal.exchange.RequestOrigin;
import org.httpkit.internal.fields.PackedFields;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.http2.BlockScratch;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FlowWindow;
import org.httpkit.internal.http2.FrameDecoder;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.HpackDecoder;
import org.httpkit.internal.http2.Http2Violation;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.RequestAssembler;
import org.httpkit.internal.http2.StreamEvent;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.http2.StreamTransition;
import org.httpkit.internal.http2.TrailerAssembler;
import org.httpkit.internal.http2.WindowCredit;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.proxy.ProxyViolationException;
import org.httpkit.server.Cidr;
import org.jspecify.annotations.Nullable;

/** Takes in the requests of an HTTP/2 connection: field blocks, content, trailers. Confined to its loop thread. */
abstract class Http2Requests extends Http2Turns {
    /** Streams that the client may have open at once. */
    static final int MAX_STREAMS = 100;

    /** Exchanges that may still run without their streams; beyond that the client gets no new ones. */
    private static final int MAX_ORPHANS = 100;

    /** Bytes that all streams together may have on their way to us. */
    static final int WINDOW_BYTES = 1 << 20;

    private final @Nullable ProxyPreface proxied;
    private final Authorities authorities;
    private final BlockScratch.Pool pool;
    final FrameDecoder decoder;
    final HpackDecoder hpackDecoder = new HpackDecoder();
    private final FlowWindow window = FlowWindow.ofConnection(WINDOW_BYTES);
    private final WindowCredit credit = new WindowCredit(WINDOW_BYTES);
    /** The scratch for the field block that is coming; null between blocks. */
    private @Nullable BlockScratch scratch;

    BlockPurpose block = BlockPurpose.UNWANTED;
    /** Whether the last malformed request was a HEAD request, as far as it was read. */
    boolean malformedIsHead;
    /** The stream that receives the content of the current DATA frame; null if the content is unwanted. */
    @Nullable
    Http2Stream receiver;

    Http2Requests(
            ServerContext context,
            Link link,
            BlockScratch.Pool pool,
            @Nullable ProxyPreface proxied,
            long openedNanos) {
        super(context, link, openedNanos);
        this.pool = pool;
        this.proxied = proxied;
        this.authorities = Authorities.of(link.security());
        this.decoder = new FrameDecoder(context.http2Limits, settings);
    }

    @Override
    void release() {
        scratch = null;
    }

    @Override
    boolean isTakingRequest() {
        return scratch != null && block == BlockPurpose.REQUEST;
    }

    @Override
    long blockBytes() {
        BlockScratch borrowed = scratch;
        return borrowed == null ? 0 : borrowed.heldBytes() + hpackDecoder.heldBytes();
    }

    // ---- DATA

    void beginData(int id) throws Http2ViolationException {
        receiver = null;
        window.receive(decoder.frameBytes());
        int increment = credit.take(decoder.frameBytes());
        if (increment > 0) {
            window.credit(increment);
            scheduler.control(out -> FrameEncoder.windowUpdate(out, 0, increment));
        }
        synchronized (scheduler) {
            odd.noteData(decoder.contentBytes(), decoder.endStream(), inputNanos);
        }
        Http2Stream stream = streams.get(id);
        StreamTransition transition = StreamTransition.of(
                stream == null ? ids.stateOf(id) : scheduler.stateOf(stream), StreamEvent.RECEIVE_DATA);
        Http2Violation violation = transition.violation();
        if (violation != null) {
            throw violation.exception();
        }
        if (transition.outcome() == StreamTransition.Outcome.DISCARD || stream == null) {
            return;
        }
        if (stream.tunnel != null) {
            stream.tunnel.frame(decoder.frameBytes());
            receiver = stream;
            return;
        }
        Http2Body body = stream.body;
        if (body == null) {
            return;
        }
        body.frame(decoder.frameBytes(), decoder.contentBytes());
        if (body.isTooLarge()) {
            tooLarge(stream);
            return;
        }
        receiver = stream;
        stream.exchange().arrived(decoder.contentBytes());
        if (body.receivedBytes() == decoder.contentBytes()) {
            body.sinceNanos = inputNanos; // its rate counts from its first byte on
        }
        body.inputNanos = inputNanos;
    }

    private void tooLarge(Http2Stream stream) {
        refuse(stream, Refusal.bodyLargerThan(stream.exchange().context.options.maxBodyBytes()), ErrorCode.NO_ERROR);
        noticeEnds();
    }

    void data() {
        Http2Stream stream = receiver;
        if (stream != null && stream.tunnel != null) {
            stream.tunnel.piece(decoder.array(), decoder.sliceOffset(), decoder.sliceLength());
        } else if (stream != null && stream.body != null) {
            stream.body.piece(decoder.array(), decoder.sliceOffset(), decoder.sliceLength());
        }
    }

    void endData(int id) throws Http2ViolationException {
        Http2Stream stream = receiver;
        receiver = null;
        if (stream == null) {
            noteEndOfUnwanted(id);
            return;
        }
        Http2Body body = stream.body;
        if (decoder.endStream()) {
            if (body != null) {
                body.end();
            }
            scheduler.receive(stream, StreamEvent.RECEIVE_DATA_AND_END);
            complete(stream, Headers.empty());
        } else if (stream.tunnel != null) {
            stream.tunnel.frameEnded(decoder.frameBytes());
        } else if (body != null) {
            creditStream(stream, body.frameEnded(decoder.frameBytes()));
        }
    }

    /** Notes the end of the client's side, which may come with an unwanted body, too. */
    private void noteEndOfUnwanted(int id) {
        Http2Stream stream = streams.get(id);
        if (stream != null && decoder.endStream()) {
            scheduler.receive(stream, StreamEvent.RECEIVE_DATA_AND_END);
        }
    }

    @Override
    public void creditStream(Http2Stream stream, int increment) {
        if (increment > 0) {
            scheduler.allow(stream, increment);
        }
    }

    @Override
    public void wantMoreBody(Http2Stream stream) {
        assert link.isHeldByCaller();
        Http2Body body = stream.body;
        if (body != null && state != State.OVER) {
            body.inputNanos = link.nanos();
            try {
                creditStream(stream, body.readerTook());
            } catch (Http2ViolationException e) {
                throw new IllegalStateException(e);
            }
            noteHeld();
        }
    }

    private void complete(Http2Stream stream, Headers trailers) {
        Http2Body body = stream.body;
        stream.body = null;
        if (stream.tunnel != null) {
            stream.tunnel.endInput();
        }
        if (body == null) {
            return;
        }
        switch (body.state()) {
            case COLLECTING -> {
                byte[] bytes = body.bytes();
                stream.exchange().collected(bytes, trailers);
                stream.requestBytes += bytes.length;
                run(stream, true);
            }
            case STREAMING -> body.endStreamed(trailers);
            case DISCARDING -> {}
        }
    }

    // ---- field blocks

    void beginBlock(int id) throws Http2ViolationException {
        assert link.isHeldByCaller();
        blockSinceNanos = inputNanos;
        link.checkBy(context.timeouts.header(inputNanos));
        BlockScratch borrowed = pool.borrow();
        scratch = borrowed;
        block = BlockPurpose.UNWANTED;
        hpackDecoder.beginUnwanted(borrowed.strings());
        Http2Stream stream = streams.get(id);
        StreamState before = stream == null ? ids.stateOf(id) : scheduler.stateOf(stream);
        if (before == StreamState.IDLE) {
            ids.open(id);
            if (state == State.LAST) {
                ids.close(id, StreamState.RESET_BY_SERVER);
                return; // the client may not have known yet (section 6.8)
            }
            block = BlockPurpose.REFUSED;
            noticeEnds();
            if (streams.size() >= MAX_STREAMS || orphans() >= MAX_ORPHANS) {
                throw Http2Violation.TOO_MANY_STREAMS.exception();
            }
            if (decoder.costsStream()) {
                return;
            }
            context = context.current();
            block = BlockPurpose.REQUEST;
            borrowed.request().start(context.http2Limits, decoder.endStream());
            hpackDecoder.begin(borrowed.request(), context.http2Limits.maxHeaderListBytes(), borrowed.strings());
            return;
        }
        StreamTransition transition = StreamTransition.of(before, StreamEvent.headers(decoder.endStream()));
        Http2Violation violation = transition.violation();
        if (violation != null) {
            throw violation.exception();
        }
        if (transition.outcome() == StreamTransition.Outcome.PROCEED && stream != null) {
            if (stream.tunnel != null) {
                throw Http2Violation.HEADERS_IN_TUNNEL.exception();
            }
            block = BlockPurpose.TRAILERS;
            borrowed.trailers().start(context.http2Limits);
            hpackDecoder.begin(borrowed.trailers(), context.http2Limits.maxHeaderListBytes(), borrowed.strings());
        }
    }

    void endBlock(int id) throws Http2ViolationException {
        blockSinceNanos = NO_DEADLINE;
        BlockScratch borrowed = scratch;
        scratch = null;
        BlockPurpose ended = block;
        hpackDecoder.end();
        for (int i = 0; i < decoder.continuations(); i++) {
            note(OddFrames.Odd.CONTINUATION);
        }
        if (borrowed == null) {
            return;
        }
        try {
            switch (ended) {
                case REQUEST -> request(id, borrowed.request());
                case TRAILERS -> trailers(id, borrowed.trailers());
                case REFUSED -> {}
                case UNWANTED -> {
                    if (streams.get(id) == null) {
                        note(OddFrames.Odd.LATE);
                    }
                }
            }
        } finally {
            pool.giveBack(borrowed);
        }
    }

    private void request(int id, RequestAssembler assembler) throws Http2ViolationException {
        RequestHead head = assembler.end();
        if (head == null) {
            malformedIsHead = assembler.isHead();
            Http2Violation violation = assembler.violation();
            throw (violation == null ? Http2Violation.MISSING_PSEUDO_FIELD : violation).exception();
        }
        block = BlockPurpose.UNWANTED;
        synchronized (scheduler) {
            odd.requestCame();
        }
        Http2Stream stream = new Http2Stream(
                this,
                context,
                scheduler,
                hpack,
                id,
                decoder.endStream() ? StreamState.HALF_CLOSED_REMOTE : StreamState.OPEN,
                settings.initialWindowBytes(),
                head,
                inputNanos);
        stream.priority = assembler.priority();
        stream.requestBytes = head.heldBytes();
        streams.put(stream);
        context.streamOpened();
        context.exchangeBegan();
        if (link.isInputEnded()) {
            stream.exchange().peerEnded();
        }
        if (!findSender(stream, head)) {
            return;
        }
        if (!authorities.include(head)) {
            refuse(stream, Refusal.MISDIRECTED, ErrorCode.NO_ERROR);
        } else if (head.method().equals(Method.CONNECT)) {
            refuse(stream, Refusal.TUNNEL, ErrorCode.NO_ERROR);
        } else if (head.hasUnknownExpectation()) {
            refuse(stream, Refusal.UNKNOWN_EXPECTATION, ErrorCode.NO_ERROR);
        } else if (head.isExtendedConnect()) {
            stream.tunnel = new Http2Tunnel(stream, scheduler, this, decoder.endStream());
            run(stream, true);
        } else if (decoder.endStream()) {
            run(stream, true);
        } else if (stream.exchange().streamsBody()) {
            stream.body =
                    Http2Body.streamed(head, stream.exchange().beginStreamedBody(head.expectsContinue()), inputNanos);
            run(stream, false);
        } else {
            beginCollecting(stream, head);
        }
    }

    private void beginCollecting(Http2Stream stream, RequestHead head) throws Http2ViolationException {
        long most = stream.exchange().context.options.maxBodyBytes();
        if (head.contentLength() > most) {
            tooLarge(stream);
            return;
        }
        Http2Body body = Http2Body.collected(head, most, inputNanos);
        stream.body = body;
        if (head.expectsContinue()) {
            stream.interim(Status.CONTINUE, Headers.empty(), () -> true);
        }
        creditStream(stream, body.widen());
        link.checkBy(context.timeouts.body(inputNanos));
    }

    /** Finds out who sent the request, if the peer may not have; returns false if it was refused. */
    private boolean findSender(Http2Stream stream, RequestHead head) {
        List<Cidr> trusted = context.options.trustedProxies();
        if (proxied != null || !trusted.isEmpty()) {
            try {
                stream.exchange().sentBy(RequestOrigin.of(head, link, proxied, trusted));
            } catch (ProxyViolationException e) {
                refuse(stream, Refusal.contradiction(String.valueOf(e.getMessage())), ErrorCode.NO_ERROR);
                return false;
            }
        }
        return true;
    }

    private void trailers(int id, TrailerAssembler assembler) throws Http2ViolationException {
        Headers trailers = assembler.end();
        Http2Violation violation = assembler.violation();
        if (violation != null) {
            throw violation.exception();
        }
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            return;
        }
        if (stream.body != null) {
            stream.body.end();
            stream.requestBytes += trailers instanceof PackedFields packed ? packed.heldBytes() : 0;
        }
        scheduler.receive(stream, StreamEvent.RECEIVE_HEADERS_AND_END);
        complete(stream, trailers);
    }
}
