package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Old files of a log, of which some cannot be moved for a while. */
class OldLogsTest {
    @TempDir
    Path temp;

    private final Set<String> immovable = new HashSet<>();
    private long nanos = Long.MAX_VALUE; // wraps around soon, as that of System may
    private OldLogs old;

    @BeforeEach
    void makeFiles() throws IOException {
        old = new OldLogs(temp.resolve("a.log"), 3, this::move, () -> nanos);
        for (String name : new String[] {"a.log", "a.log.1", "a.log.2", "a.log.3"}) {
            Files.writeString(temp.resolve(name), name);
        }
    }

    private void move(Path from, Path to) throws IOException {
        if (immovable.contains(from.getFileName().toString())) {
            throw new IOException("Another program holds " + from);
        }
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What stands in which file. */
    private Map<String, String> texts() throws IOException {
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.list(temp)) {
            for (Path file : files.toList()) {
                texts.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return texts;
    }

    @Test
    void keepsAllOldFilesWhileTheCurrentOneCannotBeMoved() throws IOException {
        Map<String, String> before = texts();
        immovable.add("a.log");

        assertThat(old.putAside()).isFalse();
        assertThat(old.putAside()).isFalse();

        assertThat(texts()).isEqualTo(before);
        immovable.clear();
        assertThat(old.putAside()).isTrue();
        assertThat(texts()).isEqualTo(Map.of("a.log.1", "a.log", "a.log.2", "a.log.1", "a.log.3", "a.log.2"));
    }

    @Test
    void losesNoMoreThanTheOldestIfAnOldFileCannotBeMoved() throws IOException {
        immovable.add("a.log.1");

        assertThat(old.putAside()).isFalse();
        Files.writeString(temp.resolve("a.log"), "new");
        assertThat(old.putAside()).isFalse();

        assertThat(texts())
                .isEqualTo(Map.of("a.log", "new", "a.log.0", "a.log", "a.log.1", "a.log.1", "a.log.3", "a.log.2"));
    }

    @Test
    void finishesFirstWhatHasFailedHalfWay() throws IOException {
        immovable.add("a.log.0");
        assertThat(old.putAside()).isFalse();
        assertThat(old.putAside()).isFalse();
        assertThat(texts()).isEqualTo(Map.of("a.log.0", "a.log", "a.log.2", "a.log.1", "a.log.3", "a.log.2"));
        Files.writeString(temp.resolve("a.log"), "new");
        immovable.clear();

        assertThat(old.putAside()).isTrue();

        assertThat(texts()).isEqualTo(Map.of("a.log.1", "new", "a.log.2", "a.log", "a.log.3", "a.log.1"));
    }

    @Test
    void fillsAGapBeforeItRemovesTheOldest() throws IOException {
        Files.delete(temp.resolve("a.log.2"));

        assertThat(old.putAside()).isTrue();

        assertThat(texts()).isEqualTo(Map.of("a.log.1", "a.log", "a.log.2", "a.log.1", "a.log.3", "a.log.3"));
    }

    @Test
    void waitsAfterAFailureUnlessItIsForgotten() {
        assertThat(old.mayTry()).isTrue();
        immovable.add("a.log");
        old.putAside();
        nanos += OldLogs.PAUSE.toNanos() - 1;
        assertThat(old.mayTry()).isFalse();
        nanos++;
        assertThat(old.mayTry()).isTrue();

        old.putAside();
        old.forgetFailure();
        assertThat(old.mayTry()).isTrue();
    }
}
