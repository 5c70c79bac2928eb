package org.httpkit.examples;

import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** Takes an upload of any size: the body is read as it arrives and never held as a whole. */
final class Upload implements Handler {

    @Override
    public boolean streamsBody(Request request) {
        return true;
    }

    @Override
    public Response handle(Request request) throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        long size;
        try (InputStream body = new DigestInputStream(request.body().stream(), sha256)) {
            size = body.transferTo(OutputStream.nullOutputStream());
        }
        String digest = HexFormat.of().formatHex(sha256.digest());
        return Response.text("size = " + size + "\nsha-256 = " + digest + "\n");
    }
}
