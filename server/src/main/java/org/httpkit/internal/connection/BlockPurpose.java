package org.httpkit.internal.connection;

/** The purpose of an HTTP/2 field block. */
enum BlockPurpose {
    REQUEST,
    TRAILERS,
    UNWANTED
}
