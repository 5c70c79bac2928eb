package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample unit, as systemd's own tool reads it, if that is installed. */
@Tag("once")
class SystemdUnitTest {

    @Test
    void isFreeOfWhatSystemdComplainsOf(@TempDir Path folder) throws Exception {
        String analyze = Daemon.installed("systemd-analyze");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Sample.of("app@.service").with("/usr/bin/java", java.toString()).writtenTo(folder);

        Daemon tool = Daemon.start(
                folder,
                analyze,
                "verify",
                "--man=no",
                folder.resolve("app@8091.service").toString());

        assertThat(tool.awaitEnd()).isEmpty();
    }
}
