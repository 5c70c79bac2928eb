package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CommandLineTest {
    private final CommandLine options = new CommandLine("cook", "Cooks.")
            .option("dish", "NAME", "soup", "what to cook")
            .option("plates", "N", "4", "for how many")
            .flag("hot", "with pepper");

    @Test
    void optionThatIsNotGivenHasItsDefault() throws Exception {
        options.parse();

        assertThat(options.text("dish")).isEqualTo("soup");
        assertThat(options.number("plates")).isEqualTo(4);
        assertThat(options.has("hot")).isFalse();
    }

    @Test
    void valueMayBeAWordOfItsOwnOrFollowAnEqualsSign() throws Exception {
        options.parse("--dish", "stew", "--plates=12", "--hot");

        assertThat(options.text("dish")).isEqualTo("stew");
        assertThat(options.number("plates")).isEqualTo(12);
        assertThat(options.has("hot")).isTrue();
    }

    @Test
    void lastOfRepeatedOptionsCounts() throws Exception {
        options.parse("--dish", "stew", "--dish", "pie");

        assertThat(options.text("dish")).isEqualTo("pie");
    }

    @Test
    void refusesWhatIsNoOption() {
        assertRefused("unknown option --spoon", "--spoon");
        assertRefused("unknown option stew", "stew");
        assertRefused("unknown option -h", "-h");
        assertRefused("unknown option --", "--");
    }

    @Test
    void refusesAnOptionWithoutItsValue() {
        assertRefused("--dish needs a value", "--hot", "--dish");
    }

    @Test
    void refusesAFlagWithAValue() {
        assertRefused("--hot takes no value", "--hot=very");
    }

    @Test
    void refusesANumberThatIsNone() throws Exception {
        options.parse("--plates", "many");

        assertThatThrownBy(() -> options.number("plates"))
                .isInstanceOf(UsageException.class)
                .hasMessage("--plates is 'many'; it must be a whole number");
    }

    @Test
    void helpListsAllOptionsWithTheirDefaults() {
        assertThat(options.help()).isEqualTo("""
                Usage: ./run cook [options]

                Cooks.

                  --help       print this and exit
                  --dish NAME  what to cook (default soup)
                  --plates N   for how many (default 4)
                  --hot        with pepper
                """);
    }

    private void assertRefused(String message, String... arguments) {
        assertThatThrownBy(() -> options.parse(arguments))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }
}
