package org.httpkit.testkit.simulation;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.ResponseReader;

/**
 * Reads the bytes that a client has received as responses: complete ones once, the last one again when more of it has
 * come. Counts how often 100 came before each.
 */
final class Answers implements ResponseReader.Source {
    private final List<Expected> expected;
    private final ResponseReader reader = new ResponseReader(this);
    private final List<RawResponse> complete = new ArrayList<>();
    private final int[] continues;
    private ByteArrayInputStream bytes = new ByteArrayInputStream(new byte[0]);
    /** Bytes of the complete responses. */
    private int completeBytes;

    Answers(List<Expected> expected) {
        this.expected = expected;
        this.continues = new int[expected.size() + 1];
    }

    /**
     * Returns the responses so far; the last may not be complete.
     *
     * @param received the bytes of the previous call, and perhaps more
     */
    List<RawResponse> read(byte[] received) throws IOException {
        bytes = new ByteArrayInputStream(received, completeBytes, received.length - completeBytes);
        while (bytes.available() > 0 && endsHead(received, completeBytes)) {
            boolean toHead = complete.size() < expected.size()
                    && expected.get(complete.size()).toHead();
            RawResponse head = reader.readHead(toHead);
            if (head.status() == 100) {
                continues[Math.min(complete.size(), expected.size())]++;
                completeBytes = received.length - bytes.available();
                continue;
            }
            RawResponse response;
            try {
                response = reader.readBody(head);
            } catch (IOException e) {
                if (bytes.available() > 0) {
                    throw e;
                }
                break; // the input ends within a line of its framing
            }
            if (!response.isComplete()) {
                List<RawResponse> all = new ArrayList<>(complete);
                all.add(response);
                return all;
            }
            complete.add(response);
            completeBytes = received.length - bytes.available();
        }
        return Collections.unmodifiableList(complete);
    }

    /** How often 100 came before the answer with this number; all beyond the last expected one count as one. */
    int continues(int number) {
        return continues[number];
    }

    private static boolean endsHead(byte[] bytes, int from) {
        for (int i = from; i + 3 < bytes.length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return true;
            }
        }
        return false;
    }

    @Override
    public int next() {
        return bytes.read();
    }

    @Override
    public int next(byte[] target, int count) {
        return bytes.read(target, 0, Math.min(count, target.length));
    }
}
