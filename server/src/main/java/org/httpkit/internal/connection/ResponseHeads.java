package org.httpkit.internal.connection;

import org.httpkit.http.*;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http1.*;
import org.jspecify.annotations.Nullable;

final class ResponseHeads {
    ResponseHeads(@Nullable String s) {}

    void write(ByteQueue out, RequestHead req, int status, Headers h, ResponseFraming f) {
        out.appendLatin1(
                "HTTP/1.1 " + Status.of(status) + "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: http-kit\r\n");
        for (int i = 0; i < h.size(); i++)
            if (!h.name(i).equalsIgnoreCase("connection")) out.appendLatin1(h.name(i) + ": " + h.value(i) + "\r\n");
        if (f.isChunked()) out.appendLatin1("Transfer-Encoding: chunked\r\n");
        else if (f.length() >= 0 && status != 204) out.appendLatin1("Content-Length: " + f.length() + "\r\n");
        if (!f.keepsConnection()) out.appendLatin1("Connection: close\r\n");
        else if (req.version() == HttpVersion.HTTP_1_0) out.appendLatin1("Connection: keep-alive\r\n");
        out.appendLatin1("\r\n");
    }

    void writeRefusal(ByteQueue out, @Nullable RequestHead req, Status status, String reason) {
        out.appendLatin1("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " + reason.length()
                + "\r\n\r\n" + (req != null && req.method() == Method.HEAD ? "" : reason));
    }

    void writeContinue(ByteQueue out) {
        out.appendLatin1("HTTP/1.1 100 Continue\r\n\r\n");
    }

    void writeInterim(ByteQueue out, Status s, Headers h) {
        out.appendLatin1("HTTP/1.1 " + s + "\r\n\r\n");
    }
}
