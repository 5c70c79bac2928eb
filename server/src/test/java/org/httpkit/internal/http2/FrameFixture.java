package org.httpkit.internal.http2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.testing.DocumentCase;

/**
 * One case of a document: what the client sends and the server does, and what comes of it.
 *
 * @param name the heading
 * @param parts the frames, the client's SETTINGS before them unless the block is a bare one
 * @param events one line each
 * @param limits other limits than usual; empty if there are none
 */
record FrameFixture(String name, List<FrameNotation.Part> parts, List<String> events, String limits) {

    static List<FrameFixture> read(String resource) throws IOException {
        List<FrameFixture> fixtures = new ArrayList<>();
        for (DocumentCase read : DocumentCase.read(resource)) {
            fixtures.add(of(read));
        }
        return fixtures;
    }

    private static FrameFixture of(DocumentCase read) {
        List<String> frames = new ArrayList<>();
        List<String> events = new ArrayList<>();
        if (read.has("frames")) {
            frames.add("SETTINGS");
            frames.addAll(read.lines("frames"));
            events.add("settings");
        } else {
            frames.addAll(read.needed("bare"));
        }
        events.addAll(read.needed("events"));
        return new FrameFixture(
                read.name(), FrameNotation.read(frames), events, String.join(" ", read.lines("limits")));
    }
}
