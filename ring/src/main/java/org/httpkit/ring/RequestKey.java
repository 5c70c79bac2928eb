package org.httpkit.ring;

import clojure.lang.Keyword;
import org.jspecify.annotations.Nullable;

/** A key of a request map, and its index in an array. */
@SuppressWarnings({"ImmutableEnumChecker", "EnumOrdinal"}) // a keyword is immutable; the order is only ours
enum RequestKey {
    REMOTE_ADDR,
    HEADERS,
    ASYNC_CHANNEL,
    SERVER_PORT,
    CONTENT_LENGTH,
    WEBSOCKET("websocket?"),
    CONTENT_TYPE,
    CHARACTER_ENCODING,
    URI,
    SERVER_NAME,
    QUERY_STRING,
    BODY,
    SCHEME,
    REQUEST_METHOD,
    START_TIME,
    PROTOCOL;

    static final RequestKey[] ALL = values();
    static final int COUNT = ALL.length;

    private static final int MASK = 63;
    private static final @Nullable RequestKey[] TABLE = new RequestKey[MASK + 1];

    static {
        for (RequestKey key : ALL) {
            int at = key.keyword.hasheq() & MASK;
            while (TABLE[at] != null) {
                at = (at + 1) & MASK;
            }
            TABLE[at] = key;
        }
    }

    final Keyword keyword;
    final int place = ordinal();

    RequestKey() {
        keyword = Keyword.intern(null, name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
    }

    RequestKey(String name) {
        keyword = Keyword.intern(null, name);
    }

    /** Returns the key of a keyword; null for anything else. */
    static @Nullable RequestKey of(@Nullable Object key) {
        if (!(key instanceof Keyword keyword)) {
            return null;
        }
        int at = keyword.hasheq() & MASK;
        RequestKey found = TABLE[at];
        while (found != null && found.keyword != keyword) {
            at = (at + 1) & MASK;
            found = TABLE[at];
        }
        return found;
    }
}
