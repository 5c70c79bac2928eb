package org.httpkit.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** Sends each line when it is ready: a flush sends what was written so far. */
final class Ticker implements Handler {

    @Override
    public Response handle(Request request) {
        return Response.stream(Ticker::countDown).header("Content-Type", "text/plain; charset=utf-8");
    }

    private static void countDown(OutputStream out) throws IOException {
        try {
            for (int i = 10; i > 0; i--) {
                out.write((i + "\n").getBytes(UTF_8));
                out.flush();
                Thread.sleep(250);
            }
        } catch (InterruptedException e) { // the server stops
            throw new InterruptedIOException();
        }
        out.write("Lift-off!\n".getBytes(UTF_8));
    }
}
