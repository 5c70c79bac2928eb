package org.httpkit.internal.tls;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLProtocolException;

/**
 * Judges the five bytes that begin a record (RFC 8446 section 5.1), before the engine waits for the bytes that they
 * announce. Stateless.
 */
final class RecordHeader {
    static final int BYTES = 5;
    static final int CHANGE_CIPHER_SPEC = 20;
    static final int HANDSHAKE = 22;
    static final int APPLICATION_DATA = 23;

    /** The longest content of a record after decryption (RFC 8446 section 5.1). */
    static final int MAX_PLAINTEXT_BYTES = 1 << 14;
    /** By how much encryption may lengthen a record (RFC 5246 section 6.2.3); TLS 1.3 allows only 256. */
    private static final int MAX_EXPANSION_BYTES = 2048;

    static final int MAX_RECORD_BYTES = BYTES + MAX_PLAINTEXT_BYTES + MAX_EXPANSION_BYTES;

    private RecordHeader() {}

    /** The content type of the record at the buffer's position. */
    static int type(ByteBuffer in) {
        return in.get(in.position()) & 0xFF;
    }

    /**
     * The length of the record at the buffer's position, header included; -1 if the header is incomplete.
     *
     * @throws SSLException if these bytes cannot begin a record
     */
    static int recordBytes(ByteBuffer in) throws SSLException {
        if (in.remaining() < BYTES) {
            return -1;
        }
        int at = in.position();
        int type = type(in);
        if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA || in.get(at + 1) != 3) {
            throw new SSLProtocolException("No TLS record: it begins with " + type + ", " + (in.get(at + 1) & 0xFF));
        }
        int length = (in.get(at + 3) & 0xFF) << 8 | (in.get(at + 4) & 0xFF);
        if (length > MAX_PLAINTEXT_BYTES + MAX_EXPANSION_BYTES) {
            throw new SSLProtocolException("A record of " + length + " bytes is too long (RFC 8446 section 5.2)");
        }
        if (length == 0 && type != APPLICATION_DATA) {
            throw new SSLProtocolException("An empty record of type " + type + " (RFC 8446 section 5.1)");
        }
        return BYTES + length;
    }
}
