package org.httpkit.internal.http2;

import java.nio.charset.StandardCharsets;
import org.httpkit.internal.bytes.Ascii;

/** The table of fields that both sides know (RFC 7541 appendix A); indices begin with 1. Stateless. */
final class HpackStaticTable {
    static final int SIZE = 61;

    static final int STATUS_200 = 8;
    static final int AUTHORIZATION = 23;
    static final int CONTENT_LENGTH = 28;
    static final int COOKIE = 32;
    static final int PROXY_AUTHORIZATION = 49;
    static final int SET_COOKIE = 55;

    private static final String TABLE = """
            :authority
            :method GET
            :method POST
            :path /
            :path /index.html
            :scheme http
            :scheme https
            :status 200
            :status 204
            :status 206
            :status 304
            :status 400
            :status 404
            :status 500
            accept-charset
            accept-encoding gzip, deflate
            accept-language
            accept-ranges
            accept
            access-control-allow-origin
            age
            allow
            authorization
            cache-control
            content-disposition
            content-encoding
            content-language
            content-length
            content-location
            content-range
            content-type
            cookie
            date
            etag
            expect
            expires
            from
            host
            if-match
            if-modified-since
            if-none-match
            if-range
            if-unmodified-since
            last-modified
            link
            location
            max-forwards
            proxy-authenticate
            proxy-authorization
            range
            referer
            refresh
            retry-after
            server
            set-cookie
            strict-transport-security
            transfer-encoding
            user-agent
            vary
            via
            www-authenticate
            """;

    /** The text that holds the entries. */
    static final byte[] BYTES = TABLE.getBytes(StandardCharsets.US_ASCII);

    private static final int[] NAME_START = new int[SIZE + 1];
    private static final int[] NAME_END = new int[SIZE + 1];
    private static final int[] VALUE_START = new int[SIZE + 1];
    private static final int[] VALUE_END = new int[SIZE + 1];

    private static final int MASK = 255;
    /** The first index of a name at each used slot. */
    private static final byte[] SLOTS = new byte[MASK + 1];

    static {
        int start = 0;
        for (int index = 1; index <= SIZE; index++) {
            int end = Ascii.indexOf(Ascii.LF, BYTES, start, BYTES.length);
            int nameEnd = Ascii.indexOf(Ascii.SP, BYTES, start, end);
            NAME_START[index] = start;
            NAME_END[index] = nameEnd;
            VALUE_START[index] = Math.min(nameEnd + 1, end);
            VALUE_END[index] = end;
            boolean firstOfItsName = nameIndex(name(index)) == 0;
            if (firstOfItsName) {
                int slot = slotOf(name(index));
                while (SLOTS[slot] != 0) {
                    slot = (slot + 1) & MASK;
                }
                SLOTS[slot] = (byte) index;
            }
            start = end + 1;
        }
    }

    private HpackStaticTable() {}

    static int nameStart(int index) {
        return NAME_START[index];
    }

    static int nameEnd(int index) {
        return NAME_END[index];
    }

    static int valueStart(int index) {
        return VALUE_START[index];
    }

    static int valueEnd(int index) {
        return VALUE_END[index];
    }

    /** Returns the first entry of a name, ignoring case; 0 if there is none. */
    static int nameIndex(String name) {
        if (name.isEmpty()) {
            return 0;
        }
        int slot = slotOf(name);
        while (SLOTS[slot] != 0) {
            int index = SLOTS[slot];
            if (Ascii.equalsIgnoreCase(BYTES, NAME_START[index], NAME_END[index], name)) {
                return index;
            }
            slot = (slot + 1) & MASK;
        }
        return 0;
    }

    private static String name(int index) {
        return new String(BYTES, NAME_START[index], NAME_END[index] - NAME_START[index], StandardCharsets.US_ASCII);
    }

    /** The length and the first, middle and last characters distinguish the names; case does not count. */
    private static int slotOf(String name) {
        int length = name.length();
        int first = name.charAt(0) | 32;
        int middle = name.charAt(length >>> 1) | 32;
        int last = name.charAt(length - 1) | 32;
        int hash = length * 0x9E3779B1 + first * 0x85EBCA6B + middle * 0xC2B2AE35 + last * 0x27D4EB2F;
        return (hash ^ hash >>> 15) & MASK;
    }
}
