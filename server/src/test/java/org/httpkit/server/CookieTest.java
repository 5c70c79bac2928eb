package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.httpkit.http.Headers;
import org.httpkit.server.Cookie.SameSite;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CookieTest {

    @Test
    void isWrittenWithItsAttributes() {
        assertThat(Cookie.of("a", "b").field()).isEqualTo("a=b; Path=/");
        assertThat(Cookie.of("id", "x=y")
                        .path("/shop")
                        .domain("example.org")
                        .maxAge(Duration.ofMinutes(2))
                        .secure()
                        .httpOnly()
                        .sameSite(SameSite.LAX)
                        .field())
                .isEqualTo("id=x=y; Path=/shop; Domain=example.org; Max-Age=120; Secure; HttpOnly; SameSite=Lax");
        assertThat(Cookie.removing("a").field()).isEqualTo("a=; Path=/; Max-Age=0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a;b", "a,b", "a\"", "a\\b", "\u00e9", "a\r\nb", "\u007f"})
    void refusesCharactersThatWouldMeanSomethingElse(String text) {
        assertThatThrownBy(() -> Cookie.of("name", text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Cookie.of(text, "value")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAttributesThatWouldBeTwo() {
        assertThatThrownBy(() -> Cookie.of("a", "b").path("/; Domain=x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Cookie.of("a", "b").path("x")).hasMessageContaining("must begin with /");
        assertThatThrownBy(() -> Cookie.of("a", "b").domain("x\n")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Cookie.of("a", "b").maxAge(Duration.ofSeconds(-1)))
                .hasMessageContaining("maxAge");
        assertThatThrownBy(() -> Cookie.of("a", "b".repeat(4096))).hasMessageContaining("4097");
    }

    @Test
    void refusesWhatBrowsersDrop() {
        assertThatThrownBy(() -> Cookie.of("a", "b").sameSite(SameSite.NONE).field())
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Cookie.of("__Secure-a", "b").field()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Cookie.of("__host-a", "b").field()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Cookie.of("__Host-a", "b").secure().path("/x").field())
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Cookie.of("__Host-a", "b").secure().domain("x").field())
                .isInstanceOf(IllegalStateException.class);
        assertThat(Cookie.of("__Host-a", "b").secure().field()).isEqualTo("__Host-a=b; Path=/; Secure");
    }

    @Test
    void standsBesideOthersInAResponse() {
        Response response = Response.text("x").cookie(Cookie.of("a", "1")).cookie(Cookie.of("b", "2"));

        assertThat(response.headers().all("Set-Cookie")).containsExactly("a=1; Path=/", "b=2; Path=/");
        assertThat(response.headers().first("Content-Type")).startsWith("text/plain");
    }

    // ---- of a request

    private static Cookies read(String... lines) {
        Headers headers = Headers.empty();
        for (String line : lines) {
            headers = headers.plus("Cookie", line);
        }
        return Cookies.of(headers);
    }

    @Test
    void areReadInOrder() {
        Cookies cookies = read("a=1; b=2;c=\"3\" ;d=x=y; a=4", "e=5");

        assertThat(cookies.first("a")).isEqualTo("1");
        assertThat(cookies.all("a")).containsExactly("1", "4");
        assertThat(cookies.first("c")).isEqualTo("\"3\"");
        assertThat(cookies.first("d")).isEqualTo("x=y");
        assertThat(cookies.first("e")).isEqualTo("5");
        assertThat(cookies.first("A")).isNull();
        assertThat(cookies.toMap())
                .containsExactly(
                        java.util.Map.entry("a", "1"),
                        java.util.Map.entry("b", "2"),
                        java.util.Map.entry("c", "\"3\""),
                        java.util.Map.entry("d", "x=y"),
                        java.util.Map.entry("e", "5"));
        assertThat(cookies).hasToString("Cookies[a, b, c, d, e]");
    }

    @Test
    void leaveOutWhatIsNone() {
        Cookies cookies = read("; ;a; =x;  = ;b=;", "");

        assertThat(cookies.toMap()).containsExactly(java.util.Map.entry("b", ""));
        assertThat(read().toMap()).isEmpty();
        assertThat(read().all("a")).isEmpty();
    }

    @Test
    void areReadInATimeThatGrowsWithTheLineEvenIfItHasNone() {
        String line = ";".repeat(1 << 20);

        // Looking for the next equals sign behind the end of each part would take a minute.
        Cookies cookies = Assertions.assertTimeout(Duration.ofSeconds(10), () -> read(line));

        assertThat(cookies.toMap()).isEmpty();
    }
}
