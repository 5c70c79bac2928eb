package org.httpkit.internal.http2;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
        String name = "";
        Map<String, List<String>> blocks = new LinkedHashMap<>();
        String open = null;
        List<String> lines = new ArrayList<>();
        for (String line : text(resource).lines().toList()) {
            if (open != null && line.equals("```")) {
                blocks.put(open, lines);
                open = null;
            } else if (open != null) {
                lines.add(line);
            } else if (line.startsWith("```")) {
                open = line.substring(3);
                lines = new ArrayList<>();
            } else if (line.startsWith("## ")) {
                addTo(fixtures, name, blocks);
                name = line.substring(3);
                blocks = new LinkedHashMap<>();
            }
        }
        addTo(fixtures, name, blocks);
        return fixtures;
    }

    private static void addTo(List<FrameFixture> fixtures, String name, Map<String, List<String>> blocks) {
        if (blocks.isEmpty()) {
            return;
        }
        List<String> frames = new ArrayList<>();
        if (blocks.containsKey("frames")) {
            frames.add("SETTINGS");
            frames.addAll(blocks.get("frames"));
        } else {
            frames.addAll(blocks.getOrDefault("bare", List.of()));
        }
        List<String> events = blocks.get("events");
        if (events == null || frames.isEmpty()) {
            throw new IllegalArgumentException("Case '" + name + "' needs frames and events");
        }
        List<String> all = new ArrayList<>();
        if (blocks.containsKey("frames")) {
            all.add("settings");
        }
        all.addAll(events);
        fixtures.add(new FrameFixture(
                name, FrameNotation.read(frames), all, String.join(" ", blocks.getOrDefault("limits", List.of()))));
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = FrameFixture.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("No resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
