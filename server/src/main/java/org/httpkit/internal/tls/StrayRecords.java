package org.httpkit.internal.tls;

import javax.net.ssl.SSLException;

/**
 * Weighs records that carry nothing for the application, which the engine takes without a limit: key updates, warnings, empty ones.
 * Each record with data earns another one of those. Confined to its loop.
 */
final class StrayRecords {
    private static final int MOST = 64;

    private int left = MOST;

    /**
     * Refuses what begins another handshake (RFC 9325 section 3.5): in TLS 1.2 the header says what a record carries. In TLS 1.3 there is
     * no renegotiation.
     */
    void judge(int type, String protocol) throws SSLException {
        if (type == RecordHeader.HANDSHAKE && !"TLSv1.3".equals(protocol)) {
            throw new SSLException("Renegotiation is refused (RFC 9325 section 3.5)");
        }
    }

    /** Takes note of a record that was decrypted. */
    void count(int bytes) throws SSLException {
        if (bytes > 0) {
            left = Math.min(MOST, left + 1);
        } else if (--left < 0) {
            throw new SSLException("Too many records without data");
        }
    }
}
