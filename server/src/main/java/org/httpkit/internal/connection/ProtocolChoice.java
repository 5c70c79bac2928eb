package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ProxyPreface;
import org.httpkit.internal.http2.ConnectionPreface;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * Decides by a connection's first bytes which version of HTTP it speaks: HTTP/2 if it begins with that version's
 * preface (RFC 9113 section 3.3), otherwise HTTP/1.1. Until then the connection is an HTTP/1.1 connection that has
 * received nothing. Confined to its loop thread.
 */
final class ProtocolChoice implements Protocol {
    private final HttpOpener opener;
    private final ServerContext context;
    private final Link link;
    private final @Nullable ProxyPreface proxied;
    private final long openedNanos;
    private final Http1Connection http1;
    /** Null before the first byte. */
    private @Nullable ConnectionPreface preface;

    ProtocolChoice(
            HttpOpener opener, ServerContext context, Link link, @Nullable ProxyPreface proxied, long openedNanos) {
        this.opener = opener;
        this.context = context;
        this.link = link;
        this.proxied = proxied;
        this.openedNanos = openedNanos;
        this.http1 = opener.http1(context, link, proxied, openedNanos);
    }

    @Override
    public void onInput(ByteBuffer input) {
        assert link.isHeldByCaller();
        ConnectionPreface begun = preface;
        if (begun == null) {
            begun = new ConnectionPreface();
            preface = begun;
        }
        switch (begun.advance(input)) {
            case NEED_INPUT -> link.checkBy(link.nanos());
            case COMPLETE -> goOn(opener.http2(context.current(), link, proxied, null, openedNanos), input);
            case OTHER -> goOn(http1, withMatched(begun, input));
        }
    }

    private static ByteBuffer withMatched(ConnectionPreface begun, ByteBuffer input) {
        byte[] matched = begun.matched();
        return matched.length == 0 ? input : WaitingInput.join(ByteBuffer.wrap(matched), input);
    }

    private void goOn(Protocol chosen, ByteBuffer input) {
        link.switchTo(chosen);
        if (input.hasRemaining()) {
            chosen.onInput(input);
        }
    }

    /** Gives up waiting for a preface: the bytes so far are none. */
    private Http1Connection giveUpPreface() {
        assert link.isHeldByCaller();
        ConnectionPreface begun = preface;
        link.switchTo(http1);
        if (begun != null) {
            http1.onInput(ByteBuffer.wrap(begun.matched()));
        }
        return http1;
    }

    @Override
    public void onInputEnd() {
        link.batch(() -> giveUpPreface().onInputEnd());
    }

    @Override
    public void onDrained() {
        http1.onDrained();
    }

    @Override
    public long onDeadline(long nowNanos) {
        if (preface == null) {
            return http1.onDeadline(nowNanos);
        }
        long deadline = http1.firstDeadline();
        return nowNanos < deadline ? deadline : giveUpPreface().onDeadline(nowNanos);
    }

    @Override
    public void onServerStopping() {
        giveUpPreface().onServerStopping();
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        http1.onClosed(failure);
    }
}
