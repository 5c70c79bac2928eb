package org.httpkit.internal.http1;

import org.httpkit.http.*;

public record ResponseFraming(int kind, long length, boolean keepsConnection) {
    public static ResponseFraming decide(Method m, HttpVersion v, int status, long length, boolean keep) {
        boolean none = m == Method.HEAD || status == 204 || status == 304;
        if (none) return new ResponseFraming(0, length, keep);
        if (length >= 0) return new ResponseFraming(1, length, keep);
        if (v == HttpVersion.HTTP_1_1) return new ResponseFraming(2, -1, keep);
        return new ResponseFraming(3, -1, false);
    }

    public boolean hasBody() {
        return kind != 0;
    }

    public boolean isChunked() {
        return kind == 2;
    }
}
