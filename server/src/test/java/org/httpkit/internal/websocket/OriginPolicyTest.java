package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.httpkit.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginPolicyTest {
    @Test
    void allowsRequestsWithoutOrigin() {
        assertThat(OriginPolicy.SAME_ORIGIN.allows(Headers.empty(), "a.example", false))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.example, a.example, false",
        "http://A.Example, a.eXample, false",
        "http://a.example, a.example:80, false",
        "http://a.example:8080, a.example:8080, false",
        "http://a.example:9090, a.example:9090, false",
        "http://a.example:65535, a.example:65535, false",
        "https://a.example, a.example, true",
        "https://a.example, a.example:443, true",
        "https://a.example, a.example, false", // a proxy ended TLS
        "https://a.example:8443, a.example:8443, false",
        "http://[::1]:8090, [::1]:8090, false",
        "http://[::1], [::1], false",
        "http://127.0.0.1:8090, 127.0.0.1:8090, false"
    })
    void allowsPagesOfTheSameSite(String origin, String authority, boolean secure) {
        assertThat(OriginPolicy.SAME_ORIGIN.allows(origin(origin), authority, secure))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://b.example, a.example, false",
        "http://a.example.evil.example, a.example, false",
        "http://evil-a.example, a.example, false",
        "http://sub.a.example, a.example, false",
        "http://a.example:8080, a.example, false",
        "http://a.example, a.example:8080, false",
        "https://a.example, a.example:80, false",
        "http://a.example, a.example, true", // a forged page must not use the secure connection
        "ftp://a.example, a.example, false",
        "null, a.example, false",
        "a.example, a.example, false",
        "http://a.example/, a.example, false",
        "http://user@a.example, a.example, false",
        "http://a.example:, a.example, false",
        "http://a.example:99999, a.example, false",
        "http://a.example:8x, a.example, false",
        "http://a.example:+80, a.example, false",
        "http://a.example:-1, a.example, false",
        "http://, a.example, false",
        "http://a.example http://b.example, a.example, false"
    })
    void refusesPagesOfOtherSites(String origin, String authority, boolean secure) {
        assertThat(OriginPolicy.SAME_ORIGIN.allows(origin(origin), authority, secure))
                .isFalse();
    }

    @Test
    void refusesTwoOrigins() {
        Headers twice = origin("http://a.example").plus("Origin", "http://a.example");

        assertThat(OriginPolicy.SAME_ORIGIN.allows(twice, "a.example", false)).isFalse();
    }

    @Test
    void allowsListedOriginsBesidesTheSame() {
        OriginPolicy policy = OriginPolicy.sameOriginOr(List.of("https://App.Example", "http://localhost:3000"));

        assertThat(policy.allows(origin("https://app.example"), "api.example", true))
                .isTrue();
        assertThat(policy.allows(origin("https://app.example:443"), "api.example", true))
                .isTrue();
        assertThat(policy.allows(origin("http://localhost:3000"), "api.example", true))
                .isTrue();
        assertThat(policy.allows(origin("https://api.example"), "api.example", true))
                .isTrue();
        assertThat(policy.allows(Headers.empty(), "api.example", true)).isTrue();
        assertThat(policy.allows(origin("http://app.example"), "api.example", true))
                .isFalse();
        assertThat(policy.allows(origin("http://localhost:3001"), "api.example", true))
                .isFalse();
    }

    @Test
    void allowsAnyOriginIfToldSo() {
        assertThat(OriginPolicy.ANY.allows(origin("http://evil.example"), "a.example", true))
                .isTrue();
        assertThat(OriginPolicy.ANY.allows(origin("null"), "a.example", true)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"app://local, app://local", "app://local:0, app://local", "http://a.example:0, http://a.example:0"})
    void listsOriginsOfAnySchemeAndPort(String listed, String origin) {
        OriginPolicy policy = OriginPolicy.sameOriginOr(List.of(listed));

        assertThat(policy.allows(origin(origin), "api.example", true)).isTrue();
        assertThat(policy.allows(origin(origin + "1"), "api.example", true)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "app.example",
                "://app.example",
                "https://",
                "https://:443",
                "https://::1",
                "https://app.example/",
                "https://*.app.example?",
                "https://app example",
                "https://app\u007fexample",
                "https://app.example:",
                "https://app.example:8x",
                "https://app.example:123456",
                "https://app.example:65536"
            })
    void refusesToListWhatIsNotAnOrigin(String text) {
        assertThatThrownBy(() -> OriginPolicy.sameOriginOr(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\" is not an origin");
    }

    private static Headers origin(String origin) {
        return Headers.of("Origin", origin);
    }
}
