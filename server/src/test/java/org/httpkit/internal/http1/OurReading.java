package org.httpkit.internal.http1;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.httpkit.http.Headers;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.fields.Violation;
import org.httpkit.internal.fields.ViolationException;

/**
 * What our decoder makes of one input.
 *
 * @param requests what it accepts: the last one may lack its end, for want of input or for the violation
 * @param violation what it refuses
 */
record OurReading(List<ReadRequest> requests, Optional<Violation> violation) {

    static OurReading of(byte[] input) {
        List<ReadRequest> requests = new ArrayList<>();
        RequestDecoder decoder = new RequestDecoder(HeadLimits.DEFAULT, new DecoderPool());
        ByteBuffer in = ByteBuffer.wrap(input);
        ReadRequest.Parts parts = new ReadRequest.Parts();
        Optional<Violation> violation = Optional.empty();
        try {
            RequestDecoder.Step step = decoder.advance(in);
            while (step != RequestDecoder.Step.NEED_INPUT) {
                if (step == RequestDecoder.Step.HEAD) {
                    RequestHead head = decoder.head();
                    parts.line = head.method() + " " + head.target();
                    addLines(head, parts.fields);
                    parts.headIsComplete = true;
                } else if (step == RequestDecoder.Step.BODY) {
                    parts.body.append(new String(
                            decoder.bodyArray(),
                            decoder.bodyOffset(),
                            decoder.bodyLength(),
                            StandardCharsets.ISO_8859_1));
                } else {
                    addLines(decoder.trailers(), parts.trailers);
                    parts.addWholeTo(requests);
                    parts = new ReadRequest.Parts();
                }
                step = decoder.advance(in);
            }
        } catch (ViolationException e) {
            violation = Optional.of(e.violation());
        }
        parts.addIncompleteTo(requests);
        return new OurReading(requests, violation);
    }

    private static void addLines(Headers fields, List<String> lines) {
        for (int i = 0; i < fields.size(); i++) {
            lines.add(ReadRequest.field(fields.name(i), fields.value(i)));
        }
    }
}
