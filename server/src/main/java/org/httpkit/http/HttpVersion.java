package org.httpkit.http;

/** A protocol version this server speaks (RFC 9110 section 2.5). A request of any other HTTP/1 minor version counts as 1.1. */
public enum HttpVersion {
    HTTP_1_0("HTTP/1.0"),
    HTTP_1_1("HTTP/1.1"),
    HTTP_2("HTTP/2.0");

    private final String text;

    HttpVersion(String text) {
        this.text = text;
    }

    /** The version as it stands in a request line, for example {@code HTTP/1.1}; {@code HTTP/2.0}, as logs have it, for HTTP/2. */
    @Override
    public String toString() {
        return text;
    }
}
