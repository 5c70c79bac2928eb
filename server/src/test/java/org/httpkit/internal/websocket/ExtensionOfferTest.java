package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.internal.websocket.ExtensionOffer.Parameter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtensionOfferTest {
    @Test
    void readsTheExamplesOfTheStandard() {
        assertThat(offered("foo")).containsExactly(offer("foo"));
        assertThat(offered("bar; baz=2")).containsExactly(offer("bar", new Parameter("baz", "2")));
        assertThat(offered("foo, bar; baz=2")).containsExactly(offer("foo"), offer("bar", new Parameter("baz", "2")));
        assertThat(offered("foo", "bar; baz=2")).isEqualTo(offered("foo, bar; baz=2"));
    }

    @Test
    void readsBlanksWhereTheGrammarHasThem() {
        assertThat(offered(" a ;\tb = 1 ; c , d "))
                .containsExactly(offer("a", new Parameter("b", "1"), new Parameter("c", null)), offer("d"));
    }

    @Test
    void takesQuotesOff() {
        assertThat(offered("a; b=\"10\"; c=\"x\\y\""))
                .containsExactly(offer("a", new Parameter("b", "10"), new Parameter("c", "xy")));
    }

    @Test
    void skipsEmptyMembersOfTheList() {
        assertThat(offered(", a, ,b,")).containsExactly(offer("a"), offer("b"));
    }

    @Test
    void isEmptyWithoutTheField() {
        assertThat(offered()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                ";",
                "a;",
                "a;;b",
                "a; =1",
                "a; b=",
                "a; b=\"\"",
                "a; b=\"x y\"",
                "a; b=\"1",
                "a; b=\"1\\",
                "a; b=1 2",
                "a b",
                "a=1",
                "a, b;",
                "\"a\"",
                "a; b=\u00fc",
                "a; b=\"\u00fc\"",
                "a/b"
            })
    void refusesWhatDoesNotFitTheGrammar(String value) {
        assertThat(offered(value)).isNull();
        assertThat(offered("fine", value)).isNull();
    }

    private static ExtensionOffer offer(String name, Parameter... parameters) {
        return new ExtensionOffer(name, List.of(parameters));
    }

    private static @Nullable List<ExtensionOffer> offered(String... values) {
        Headers headers = Headers.empty();
        for (String value : values) {
            headers = headers.plus("Sec-WebSocket-Extensions", value);
        }
        return ExtensionOffer.offered(headers);
    }
}
