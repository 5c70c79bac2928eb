package org.httpkit.internal.connection;

/** The purpose of an HTTP/2 field block. */
enum BlockPurpose {
    REQUEST,
    TRAILERS,
    /** A request that is refused, which was charged as such. */
    REFUSED,
    /** For a stream that is over, or never begins. */
    UNWANTED
}
