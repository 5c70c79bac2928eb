package org.httpkit.server;

/** WebSocket control frames for {@code send!} (RFC 6455 section 5.5). Immutable, except for the array. */
public abstract class Frame {
    public final byte[] data;

    private Frame(byte[] data) {
        this.data = data;
    }

    /** A ping with at most 125 bytes. */
    public static final class PingFrame extends Frame {
        public PingFrame(byte[] data) {
            super(data);
        }
    }

    /** A pong with at most 125 bytes. */
    public static final class PongFrame extends Frame {
        public PongFrame(byte[] data) {
            super(data);
        }
    }
}
