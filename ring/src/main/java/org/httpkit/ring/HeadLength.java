package org.httpkit.ring;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.server.Request;
import org.httpkit.server.ResponseBody;

/** Which {@code Content-Length} an answer to HEAD has, as {@code :legacy-content-length?} says. */
public enum HeadLength {
    /** The option was not given: that of the body, else what the handler says. */
    OF_EITHER,
    /** The option is true: that of the body, 0 if there is none. Only of a stream it is what the handler says. */
    OF_THE_BODY,
    /** The option is false: what the handler says, else that of the body. */
    OF_THE_HANDLER;

    private static final ResponseBody NOTHING = new ResponseBody.Text("");

    /** What is to be given to the server for this body in answer to this request; a stream that it does not get is closed. */
    ResponseBody body(Request request, Headers headers, ResponseBody body) {
        if (!request.method().equals(Method.HEAD)) {
            return body;
        }
        return switch (this) {
            case OF_EITHER -> body;
            // Text that is empty has a length, the absence of a body has none.
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
