package org.httpkit.internal.http2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.httpkit.http.Headers;
import org.httpkit.internal.fields.RequestHead;

/** A connection in small: joins the machines as a server does, and writes down what comes of a client's frames, one line each. */
final class ConnectionTrace {
    /** What a field block is for. */
    private enum Block {
        REQUEST,
        TRAILERS,
        UNWANTED
    }

    private static final class Stream {
        StreamState state = StreamState.IDLE;
        BodyLength length = new BodyLength(-1);
        final FlowWindow receives = FlowWindow.ofStream(Settings.DEFAULT_WINDOW_BYTES);
        final FlowWindow sends;

        Stream(int window) {
            sends = FlowWindow.ofStream(window);
        }
    }

    private final Http2Limits limits;
    private final int maxStreams;
    private final Settings settings = new Settings();
    private final FrameDecoder decoder;
    private final HpackDecoder hpack = new HpackDecoder();
    private final BlockScratch.Pool pool = new BlockScratch.Pool();
    private final StreamIds ids = new StreamIds();
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final FlowWindow receives = FlowWindow.ofConnection(Settings.DEFAULT_WINDOW_BYTES);
    private final FlowWindow sends = FlowWindow.ofConnection(Settings.DEFAULT_WINDOW_BYTES);
    private final List<String> events = new ArrayList<>();
    private final StringBuilder content = new StringBuilder();

    private BlockScratch scratch = pool.borrow();
    private Block block = Block.UNWANTED;
    private boolean discardsData;
    private boolean failed;
    private int consumed;

    ConnectionTrace(Http2Limits limits, int maxStreams) {
        this.limits = limits;
        this.maxStreams = maxStreams;
        decoder = new FrameDecoder(limits, settings);
    }

    List<String> events() {
        return events;
    }

    boolean failed() {
        return failed;
    }

    int consumed() {
        return consumed;
    }

    /** Takes a piece of the client's bytes, in a buffer that begins somewhere inside its array. */
    void feed(byte[] piece) {
        if (failed) {
            return;
        }
        byte[] array = new byte[piece.length + 5];
        System.arraycopy(piece, 0, array, 3, piece.length);
        ByteBuffer in = ByteBuffer.wrap(array).position(1).slice().position(2).limit(2 + piece.length);
        try {
            while (true) {
                FrameDecoder.Step step = decoder.advance(in);
                if (step == FrameDecoder.Step.NEED_INPUT) {
                    break;
                }
                try {
                    take(step);
                } catch (Http2ViolationException e) {
                    refuse(decoder.streamId(), e.violation());
                }
            }
            if (in.hasRemaining()) {
                throw new AssertionError("Input is left, " + in.remaining() + " bytes");
            }
        } catch (Http2ViolationException e) {
            failed = true;
            events.add("violation " + e.violation() + " " + e.violation().errorCode());
        }
        consumed += in.position() - 2;
    }

    /** Ends the input. */
    void end() {
        if (!failed && !decoder.isBetweenFrames()) {
            events.add("incomplete");
        }
    }

    /** What the server does. */
    void act(String words) {
        if (failed) {
            return;
        }
        String[] word = words.split(" ", -1);
        switch (word[0]) {
            case "table" -> hpack.setMaxTableBytes(Integer.parseInt(word[1]));
            default -> {
                int id = Integer.parseInt(word[1]);
                Stream stream = Objects.requireNonNull(streams.get(id));
                try {
                    stream.state = StreamTransition.next(stream.state, StreamEvent.valueOf("SEND_" + word[0]));
                } catch (Http2ViolationException e) {
                    throw new AssertionError(e);
                }
                closeIfOver(id, stream);
            }
        }
    }

    private void refuse(int id, Http2Violation violation) throws Http2ViolationException {
        if (violation.scope() == Http2Violation.Scope.CONNECTION) {
            throw violation.exception();
        }
        events.add("violation " + violation + " stream " + id + " " + violation.errorCode()
                + (violation.status() == 0 ? "" : " " + violation.status()));
        Stream stream = streams.get(id);
        if (stream != null) {
            stream.state = StreamTransition.next(stream.state, StreamEvent.SEND_RST_STREAM);
            closeIfOver(id, stream);
        }
        discardsData = true;
    }

    private void closeIfOver(int id, Stream stream) {
        if (!stream.state.isActive()) {
            streams.remove(id);
            ids.close(id, stream.state);
        }
    }

    private StreamState stateOf(int id) {
        Stream stream = streams.get(id);
        return stream == null ? ids.stateOf(id) : stream.state;
    }

    /** Moves the stream; false if the frame is to be dropped. */
    private boolean move(int id, StreamEvent event) throws Http2ViolationException {
        StreamTransition transition = StreamTransition.of(stateOf(id), event);
        StreamState next = StreamTransition.next(stateOf(id), event);
        Stream stream = streams.get(id);
        if (stream != null) {
            stream.state = next;
            closeIfOver(id, stream);
        }
        return transition.outcome() == StreamTransition.Outcome.PROCEED;
    }

    private void take(FrameDecoder.Step step) throws Http2ViolationException {
        int id = decoder.streamId();
        switch (step) {
            case NEED_INPUT -> throw new AssertionError("No step");
            case DATA_BEGIN -> beginData(id);
            case DATA -> {
                if (decoder.sliceLength() == 0) {
                    throw new AssertionError("An empty slice");
                }
                content.append(new String(
                        decoder.array(), decoder.sliceOffset(), decoder.sliceLength(), StandardCharsets.ISO_8859_1));
            }
            case DATA_END -> endData(id);
            case HEADERS -> beginBlock(id);
            case FRAGMENT -> {
                if (decoder.sliceLength() == 0) {
                    throw new AssertionError("An empty slice");
                }
                hpack.decode(decoder.array(), decoder.sliceOffset(), decoder.sliceLength());
            }
            case HEADERS_END -> endBlock(id);
            case PRIORITY -> {
                move(id, StreamEvent.RECEIVE_PRIORITY);
                events.add("priority " + id);
            }
            case RST_STREAM -> {
                String code = ErrorCode.nameOf(decoder.errorCode());
                events.add((move(id, StreamEvent.RECEIVE_RST_STREAM) ? "reset " : "late reset ") + id + " " + code);
            }
            case SETTINGS -> {
                int change = settings.takeWindowChange();
                for (Stream stream : streams.values()) {
                    stream.sends.resize(change);
                }
                events.add("settings" + (change == 0 ? "" : " window " + change));
            }
            case SETTINGS_ACK -> events.add("settings ack");
            case PING -> events.add("ping " + Long.toHexString(decoder.opaque()));
            case PING_ACK -> events.add("ping ack " + Long.toHexString(decoder.opaque()));
            case GOAWAY -> events.add("goaway " + ErrorCode.nameOf(decoder.errorCode()));
            case WINDOW_UPDATE -> windowUpdate(id);
            case PRIORITY_UPDATE -> events.add("priority update " + id + " " + priority(decoder.priority()));
            case UNKNOWN -> events.add("unknown");
            case VIOLATION -> refuse(id, decoder.violation());
        }
    }

    static String priority(int priority) {
        return "u=" + Priority.urgency(priority) + (Priority.isIncremental(priority) ? " i" : "");
    }

    private void windowUpdate(int id) throws Http2ViolationException {
        if (id == 0) {
            sends.credit(decoder.increment());
            events.add("window 0 " + sends.bytes());
        } else if (move(id, StreamEvent.RECEIVE_WINDOW_UPDATE)) {
            Stream stream = Objects.requireNonNull(streams.get(id));
            stream.sends.credit(decoder.increment());
            events.add("window " + id + " " + stream.sends.bytes());
        } else {
            events.add("late window " + id);
        }
    }

    // ---- DATA

    private void beginData(int id) throws Http2ViolationException {
        content.setLength(0);
        discardsData = true;
        receives.receive(decoder.frameBytes());
        StreamTransition transition = StreamTransition.of(stateOf(id), StreamEvent.RECEIVE_DATA);
        if (transition.violation() != null) {
            throw transition.violation().exception();
        }
        if (transition.outcome() == StreamTransition.Outcome.DISCARD) {
            return;
        }
        Stream stream = Objects.requireNonNull(streams.get(id));
        stream.receives.receive(decoder.frameBytes());
        stream.length.receive(decoder.contentBytes());
        discardsData = false;
    }

    private void endData(int id) throws Http2ViolationException {
        if (discardsData) {
            events.add("late data " + id + " of " + decoder.frameBytes());
            return;
        }
        int padding = decoder.frameBytes() - content.length();
        Stream stream = Objects.requireNonNull(streams.get(id));
        if (content.length() != decoder.contentBytes()) {
            throw new AssertionError("Not all of the content");
        }
        events.add("data " + id
                + (content.isEmpty()
                        ? ""
                        : " " + (content.length() < 40 ? content.toString() : content.length() + " bytes"))
                + (padding == 0 ? "" : " (" + padding + " more)"));
        if (decoder.endStream()) {
            stream.length.end();
        }
        move(id, StreamEvent.data(decoder.endStream()));
        if (decoder.endStream()) {
            events.add("end " + id);
        }
    }

    // ---- field blocks

    private void beginBlock(int id) throws Http2ViolationException {
        block = Block.UNWANTED;
        hpack.beginUnwanted(scratch.strings());
        StreamState state = stateOf(id);
        if (state == StreamState.IDLE) {
            ids.open(id);
            streams.put(id, new Stream(settings.initialWindowBytes()));
            move(id, StreamEvent.headers(decoder.endStream()));
            if (streams.size() > maxStreams) {
                throw Http2Violation.TOO_MANY_STREAMS.exception();
            }
            if (decoder.costsStream()) {
                return;
            }
            block = Block.REQUEST;
            scratch.request().start(limits, decoder.endStream());
            hpack.begin(scratch.request(), limits.maxHeaderListBytes(), scratch.strings());
        } else if (move(id, StreamEvent.headers(decoder.endStream()))) {
            block = Block.TRAILERS;
            scratch.trailers().start(limits);
            hpack.begin(scratch.trailers(), limits.maxHeaderListBytes(), scratch.strings());
        }
    }

    private void endBlock(int id) throws Http2ViolationException {
        hpack.end();
        switch (block) {
            case REQUEST -> request(id);
            case TRAILERS -> trailers(id);
            case UNWANTED -> events.add("late headers " + id);
        }
        pool.giveBack(scratch);
        scratch = pool.borrow();
    }

    private void request(int id) throws Http2ViolationException {
        RequestAssembler request = scratch.request();
        RequestHead head = request.end();
        if (head == null) {
            throw Objects.requireNonNull(request.violation()).exception();
        }
        events.add("request " + id + " " + head.method() + " " + head.target()
                + (head.contentLength() < 0
                        ? " body"
                        : head.contentLength() > 0 ? " body of " + head.contentLength() : "")
                + (head.isExtendedConnect() ? " extended" : "")
                + (request.isHttps() ? " https" : "")
                + (head.expectsContinue() ? " continue" : "")
                + (request.priority() == Priority.DEFAULT ? "" : " " + priority(request.priority())));
        if (!head.authority().equals("localhost")) {
            events.add("  authority: " + head.authority());
        }
        fields(head);
        Stream stream = streams.get(id);
        if (stream != null) {
            stream.length = new BodyLength(head.contentLength());
        }
        if (decoder.endStream()) {
            events.add("end " + id);
        }
    }

    private void trailers(int id) throws Http2ViolationException {
        TrailerAssembler assembler = scratch.trailers();
        Headers trailers = assembler.end();
        Http2Violation violation = assembler.violation();
        if (violation != null) {
            throw violation.exception();
        }
        Stream stream = streams.get(id);
        if (stream != null) {
            stream.length.end();
        }
        events.add("trailers " + id);
        fields(trailers);
        events.add("end " + id);
    }

    private void fields(Headers fields) {
        for (int i = 0; i < fields.size(); i++) {
            if (!(fields.name(i).equals("host") && fields.value(i).equals("localhost"))) {
                String value = fields.value(i);
                events.add(
                        "  " + fields.name(i) + ": " + (value.length() < 60 ? value : value.length() + " characters"));
            }
        }
    }
}
