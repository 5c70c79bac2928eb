package org.httpkit.internal.tls;

import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** One connection's engine, with a note whether it showed a certificate. Used by one thread at a time. */
final class TlsEngine {
    /** The connection whose task runs in this thread; the engine asks for a certificate in one of its tasks. */
    private static final ThreadLocal<TlsEngine> RUNNING = new ThreadLocal<>();

    private final SSLEngine engine;
    private boolean certificateShown;

    TlsEngine(SSLEngine engine) {
        this.engine = engine;
    }

    SSLEngine engine() {
        return engine;
    }

    /** Whether what takes long is a task for certain. It is with the JDK's engine; others may compute as they wrap and unwrap. */
    boolean delegates() {
        return engine.getClass().getModule() == SSLEngine.class.getModule();
    }

    /** The protocol that ALPN has chosen; empty if none, for which Conscrypt's engine says null. */
    static String applicationProtocol(SSLEngine engine) {
        @Nullable String chosen = engine.getApplicationProtocol();
        return chosen == null ? "" : chosen;
    }

    void runTasks() {
        RUNNING.set(this);
        try {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        } finally {
            RUNNING.remove();
        }
    }

    /** Notes that the engine whose task runs in this thread shows a certificate, so it does not resume a session. */
    static void noteCertificate() {
        TlsEngine running = RUNNING.get();
        if (running != null) {
            running.certificateShown = true;
        }
    }

    /** Whether the handshake resumed an earlier session. */
    boolean isResumed() {
        return !certificateShown;
    }
}
