package org.httpkit.internal.tls;

import javax.net.ssl.SSLException;

/**
 * Limits records that carry nothing for the application, which the engine accepts without limit: key updates, warnings,
 * empty records. Each record with data allows one more of them. Confined to its loop.
 */
final class StrayRecords {
    private static final int MOST = 64;

    private int left = MOST;

    /**
     * Refuses a record that begins another handshake (RFC 9325 section 3.5): in TLS 1.2 the header reveals the content
     * type. TLS 1.3 has no renegotiation.
     */
    void judge(int type, String protocol) throws SSLException {
        if (type == RecordHeader.HANDSHAKE && !"TLSv1.3".equals(protocol)) {
            throw new SSLException("Renegotiation is refused (RFC 9325 section 3.5)");
        }
    }

    /** Counts a decrypted record. */
    void count(int bytes) throws SSLException {
        if (bytes > 0) {
            left = Math.min(MOST, left + 1);
        } else if (--left < 0) {
            throw new SSLException("Too many records without data");
        }
    }
}
