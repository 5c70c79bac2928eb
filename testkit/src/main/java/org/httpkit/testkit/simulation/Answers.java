package org.httpkit.testkit.simulation;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.ResponseReader;

/**
 * Reads what a client has received as responses: those that are complete once, the last one again when there is more of it. How
 * often 100 came before each is counted.
 */
final class Answers implements ResponseReader.Source {
    private final List<Expected> expected;
    private final ResponseReader reader = new ResponseReader(this);
    private final List<RawResponse> complete = new ArrayList<>();
    private final int[] continues;
    private ByteArrayInputStream bytes = new ByteArrayInputStream(new byte[0]);
    /** Up to where the complete ones go. */
    private int completeBytes;

    Answers(List<Expected> expected) {
        this.expected = expected;
        this.continues = new int[expected.size() + 1];
    }

    /**
     * What can be read as responses; the last may not be complete.
     *
     * @param received what it was before, and perhaps more
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
                break; // it ended within a line of its framing
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

    /** How often 100 came before the answer of that number; beyond the last that is expected all count as one. */
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
