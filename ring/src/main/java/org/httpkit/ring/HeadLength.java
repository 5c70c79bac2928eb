package org.httpkit.ring;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.server.Request;
import org.httpkit.server.ResponseBody;

/** The {@code Content-Length} of an answer to HEAD, by {@code :legacy-content-length?}. */
public enum HeadLength {
    /** Without the option: the length of the body, otherwise the handler's value. */
    OF_EITHER,
    /** The option is true: the length of the body, 0 if there is none. Only for a stream it is the handler's value. */
    OF_THE_BODY,
    /** The option is false: the handler's value, otherwise the length of the body. */
    OF_THE_HANDLER;

    private static final ResponseBody NOTHING = new ResponseBody.Text("");

    /**
     * Returns the body to give to the server in answer to this request; closes a stream that the server does not get.
     */
    ResponseBody body(Request request, Headers headers, ResponseBody body) {
        if (!request.method().equals(Method.HEAD)) {
            return body;
        }
        return switch (this) {
            case OF_EITHER -> body;
            // Empty text has a length, a missing body has none.
            case OF_THE_BODY -> body == ResponseBody.Empty.EMPTY ? NOTHING : body;
            case OF_THE_HANDLER -> headers.first("Content-Length") == null ? body : without(body);
        };
    }

    private static ResponseBody without(ResponseBody body) {
        if (body instanceof ResponseBody.Stream stream) {
            close(stream.stream());
        }
        return ResponseBody.Empty.EMPTY;
    }

    private static void close(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
