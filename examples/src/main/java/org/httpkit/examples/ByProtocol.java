package org.httpkit.examples;

import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.TlsSession;

/** Tells by which protocol the request came; most handlers need not know. */
final class ByProtocol implements Handler {

    @Override
    public Response handle(Request request) {
        TlsSession tls = request.tls();
        if (tls == null) {
            return Response.text("version = " + request.version() + "\nencryption = none\n");
        }
        return Response.text("""
                version = %s
                encryption = %s, %s
                handshake = %s
                name asked for = %s
                """.formatted(
                        request.version(),
                        tls.protocol(),
                        tls.cipherSuite(),
                        tls.resumed() ? "resumed" : "full",
                        tls.serverName()));
    }
}
