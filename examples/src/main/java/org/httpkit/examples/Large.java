package org.httpkit.examples;

import java.util.Arrays;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** Streams a body of any length in little memory: a write waits while the client does not keep up. */
final class Large implements Handler {
    private static final byte[] MEGABYTE = new byte[1 << 20];

    static {
        Arrays.fill(MEGABYTE, (byte) '.');
    }

    @Override
    public Response handle(Request request) {
        String mb = request.queryParameter("mb");
        if (mb == null || !mb.matches("[1-9][0-9]{0,2}")) {
            return Response.text("Say how large: ?mb=1 to ?mb=999").status(400);
        }

        int megabytes = Integer.parseInt(mb);
        return Response.stream(out -> {
            for (int i = 0; i < megabytes; i++) {
                out.write(MEGABYTE);
            }
        });
    }
}
