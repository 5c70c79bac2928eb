package org.httpkit.testkit.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The bytes that a client sends, the places where it waits meanwhile, and the expected answers. */
final class Requests {
    /**
     * A place between a head and its body.
     *
     * @param request the request's number
     * @param position how many bytes are before it
     * @param patient whether it waits until the server sends something
     */
    record Wait(int request, int position, boolean patient) {}

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Expected> expected = new ArrayList<>();
    private final List<Wait> waits = new ArrayList<>();

    void put(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void put(byte[] array, int offset, int count) {
        bytes.write(array, offset, count);
    }

    /** Makes the client wait here for permission to go on with its request, which is not complete yet. */
    void await(boolean patient) {
        waits.add(new Wait(expected.size(), bytes.size(), patient));
    }

    /** The request is complete. */
    void end(Expected answer) {
        expected.add(answer);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    List<Expected> expected() {
        return expected;
    }

    List<Wait> waits() {
        return waits;
    }
}
