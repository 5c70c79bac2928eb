package org.httpkit.internal.fields;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.httpkit.internal.bytes.Ascii;
import org.jspecify.annotations.Nullable;

/** Knows the field names that requests usually have, so that reading one allocates no String. Stateless. */
final class FieldNames {
    private static final String[] CANONICAL = {
        "Accept",
        "Accept-Charset",
        "Accept-Encoding",
        "Accept-Language",
        "Access-Control-Request-Headers",
        "Access-Control-Request-Method",
        "Authorization",
        "Cache-Control",
        "Connection",
        "Content-Encoding",
        "Content-Language",
        "Content-Length",
        "Content-Type",
        "Cookie",
        "DNT",
        "Date",
        "Expect",
        "Forwarded",
        "From",
        "Host",
        "If-Match",
        "If-Modified-Since",
        "If-None-Match",
        "If-Range",
        "If-Unmodified-Since",
        "Keep-Alive",
        "Last-Event-ID",
        "Origin",
        "Pragma",
        "Priority",
        "Range",
        "Referer",
        "Sec-CH-UA",
        "Sec-CH-UA-Mobile",
        "Sec-CH-UA-Platform",
        "Sec-Fetch-Dest",
        "Sec-Fetch-Mode",
        "Sec-Fetch-Site",
        "Sec-Fetch-User",
        "Sec-GPC",
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Version",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Upgrade-Insecure-Requests",
        "User-Agent",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "X-Request-ID",
        "X-Requested-With",
    };

    private static final int MASK = 255;
    /** Each used slot holds a canonical name and its lower-case form. */
    private static final @Nullable Entry[] SLOTS = new Entry[MASK + 1];

    private record Entry(String canonical, String lowerCase) {}

    static {
        for (String name : CANONICAL) {
            byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
            int slot = slotOf(bytes, 0, bytes.length);
            while (SLOTS[slot] != null) {
                slot = (slot + 1) & MASK;
            }
            SLOTS[slot] = new Entry(name, name.toLowerCase(Locale.ROOT));
        }
    }

    private FieldNames() {}

    /** The name in the range, as spelled there. */
    static String nameAt(byte[] bytes, int from, int to) {
        Entry entry = find(bytes, from, to);
        if (entry != null) {
            if (isSpelled(entry.canonical, bytes, from)) {
                return entry.canonical;
            }
            if (isSpelled(entry.lowerCase, bytes, from)) {
                return entry.lowerCase;
            }
        }
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** The name in the range, in lower case. */
    static String lowerCaseNameAt(byte[] bytes, int from, int to) {
        Entry entry = find(bytes, from, to);
        return entry != null
                ? entry.lowerCase
                : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    }

    private static @Nullable Entry find(byte[] bytes, int from, int to) {
        int slot = slotOf(bytes, from, to);
        Entry entry = SLOTS[slot];
        while (entry != null && !Ascii.equalsIgnoreCase(bytes, from, to, entry.lowerCase)) {
            slot = (slot + 1) & MASK;
            entry = SLOTS[slot];
        }
        return entry;
    }

    /** The length and the first, middle and last characters distinguish the usual names; case does not count. */
    private static int slotOf(byte[] bytes, int from, int to) {
        int first = bytes[from] | 32;
        int middle = bytes[(from + to) >>> 1] | 32;
        int last = bytes[to - 1] | 32;
        int hash = (to - from) * 0x9E3779B1 + first * 0x85EBCA6B + middle * 0xC2B2AE35 + last * 0x27D4EB2F;
        return (hash ^ (hash >>> 15)) & MASK;
    }

    private static boolean isSpelled(String name, byte[] bytes, int from) {
        for (int i = 0; i < name.length(); i++) {
            if (bytes[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
