package org.httpkit.internal.connection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ProxyPreface;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.proxy.ProxyDecoder;
import org.httpkit.internal.proxy.ProxyHeader;
import org.httpkit.internal.proxy.ProxyViolationException;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/**
 * Begins a connection that a proxy made: takes the PROXY protocol header off it and passes on the rest. Confined to its
 * loop thread.
 */
final class ProxyProtocolConnection implements Protocol {
    /** Room for many values, names of certificates among them; the protocol asks for at least 536. */
    private static final int MAX_BINARY_BYTES = 4096;

    /** Makes the protocol that comes after the header. */
    interface Next {
        /**
         * Returns the protocol that goes on.
         *
         * @param proxied the client that the header names; null if it names none
         */
        Protocol after(@Nullable ProxyPreface proxied);
    }

    private final ServerContext context;
    private final Link link;
    private final ProxyDecoder decoder;
    private final Next next;
    private final long openedNanos;
    private Cause cause = Cause.CLOSED;

    ProxyProtocolConnection(ServerContext context, Link link, ProxyDecoder.Mode mode, Next next) {
        this.context = context;
        this.link = link;
        this.decoder = new ProxyDecoder(mode, MAX_BINARY_BYTES);
        this.next = next;
        this.openedNanos = link.nanos();
        link.checkBy(deadline());
    }

    @Override
    public void onInput(ByteBuffer input) {
        assert link.isHeldByCaller();
        try {
            switch (decoder.advance(input)) {
                case NEED_INPUT -> link.holds(decoder.heldBytes(), true);
                case HEADER -> onHeader(decoder.header(), input);
                case NO_HEADER -> goOn(null, WaitingInput.join(decoder.replay(), input));
            }
        } catch (ProxyViolationException e) {
            input.position(input.limit());
            context.observer.refused(Status.BAD_REQUEST.code(), String.valueOf(e.getMessage()));
            close(Cause.PROTOCOL_ERROR);
        }
    }

    /** Takes over the header: from here on the connection counts for the client that it names. */
    private void onHeader(ProxyHeader header, ByteBuffer rest) {
        if (header.source() instanceof InetSocketAddress client && !link.countFor(client.getAddress())) {
            rest.position(rest.limit());
            context.observer.connectionRefused(client.getAddress());
            close(Cause.ADDRESS_LIMIT);
            return;
        }
        goOn(new ProxyPreface(header), rest);
    }

    private void goOn(@Nullable ProxyPreface proxied, ByteBuffer rest) {
        Protocol protocol = next.after(proxied);
        link.switchTo(protocol);
        if (rest.hasRemaining()) {
            protocol.onInput(rest);
        }
    }

    @Override
    public void onTooMuchHeld(long heldBytes) {
        context.inputShed(link, heldBytes);
        close(Cause.OVERLOAD);
    }

    @Override
    public void onInputEnd() {
        if (decoder.endsWithoutHeader()) {
            link.batch(() -> {
                goOn(null, decoder.replay());
                link.protocol().onInputEnd(); // the protocol may have changed by now
            });
        } else {
            close(Cause.PEER_CLOSED);
        }
    }

    @Override
    public void onDrained() {}

    @Override
    public long onDeadline(long nowNanos) {
        if (nowNanos >= deadline()) {
            close(Cause.HEADER_TIMEOUT);
            return NO_DEADLINE;
        }
        return deadline();
    }

    /** The deadline, by which the first request's head has to be there, too. */
    private long deadline() {
        return context.current().timeouts.header(openedNanos);
    }

    @Override
    public void onServerStopping() {
        close(Cause.SERVER_STOP);
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        context.closed(link, failure == null ? cause : Cause.PEER_RESET, failure);
    }

    private void close(Cause why) {
        cause = why;
        link.close(null);
    }
}
