package org.httpkit.internal.http1;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;

/** Reads requests with Jetty's parser, as strict as it is by default, with larger limits than ours. Confined to one thread. */
final class JettyReader implements HttpParser.RequestHandler {
    private final List<ReadRequest> requests = new ArrayList<>();
    private ReadRequest.Parts parts = new ReadRequest.Parts();

    private JettyReader() {}

    /** What it accepts: the last request may lack its end. */
    static List<ReadRequest> read(byte[] input) {
        JettyReader reader = new JettyReader();
        HttpParser parser = new HttpParser(reader, 100_000, HttpCompliance.RFC9110);
        // Or else a known value comes as Jetty spells it.
        parser.setHeaderCacheCaseSensitive(true);
        ByteBuffer in = ByteBuffer.wrap(input);
        int remaining;
        do {
            remaining = in.remaining();
            parser.parseNext(in);
            if (parser.isComplete()) {
                parser.reset();
            }
        } while (in.remaining() < remaining && !parser.isClose());
        reader.parts.addIncompleteTo(reader.requests);
        return reader.requests;
    }

    @Override
    public void startRequest(String method, String target, HttpVersion version) {
        parts.line = method + " " + target;
    }

    @Override
    public void parsedHeader(HttpField field) {
        parts.fields.add(ReadRequest.field(field.getName(), field.getValue()));
    }

    @Override
    public boolean headerComplete() {
        parts.headIsComplete = true;
        return false;
    }

    @Override
    public boolean content(ByteBuffer content) {
        parts.body.append(StandardCharsets.ISO_8859_1.decode(content));
        return false;
    }

    @Override
    public boolean contentComplete() {
        return false;
    }

    @Override
    public void parsedTrailer(HttpField field) {
        parts.trailers.add(ReadRequest.field(field.getName(), field.getValue()));
    }

    @Override
    public boolean messageComplete() {
        parts.addWholeTo(requests);
        parts = new ReadRequest.Parts();
        return true;
    }

    @Override
    public void earlyEOF() {
        // It also reports a body that continues differently than it must.
    }
}
