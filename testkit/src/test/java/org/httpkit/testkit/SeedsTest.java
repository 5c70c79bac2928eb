package org.httpkit.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SeedsTest {

    @Test
    void addsAFreshSeedToTheFixedOnes() {
        long[] seeds = Seeds.chosen(null, 1, 2);

        assertThat(seeds).hasSize(3).startsWith(1, 2);
        assertThat(Seeds.chosen(null, 1, 2)[2]).isNotEqualTo(seeds[2]);
    }

    @Test
    void theOptionReplacesAllSeeds() {
        assertThat(Seeds.chosen(7L, 1, 2)).containsExactly(7);
    }

    @Test
    void aFailureSaysHowToReplayIt() {
        Exception failure = new Exception("one is not two");

        assertThat(Seeds.named(failure, -7, Path.of("server"), "AsciiTest#finds"))
                .hasCause(failure)
                .hasMessage("one is not two\nSeed -7. To replay it: mvn -o -q -Dquick -pl server -am test"
                        + " '-Dtest=AsciiTest#finds' -Dsurefire.failIfNoSpecifiedTests=false -Dhttpkit.seed=-7");
    }

    /** The server's own tests cannot use the testkit, which needs the server. */
    @Test
    void theServersTestsHaveACopy() throws Exception {
        String copy = Files.readString(Path.of("../server/src/test/java/org/httpkit/testing/Seeds.java"));
        String original = Files.readString(Path.of("src/main/java/org/httpkit/testkit/Seeds.java"));

        assertThat(copy).isEqualTo(original.replace("package org.httpkit.testkit;", "package org.httpkit.testing;"));
    }
}
