package org.httpkit.internal.fields;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldNamesTest {
    /** Names that browsers and proxies send. */
    private static final String USUAL = """
            Accept Accept-Charset Accept-Encoding Accept-Language Access-Control-Request-Headers
            Access-Control-Request-Method Authorization Cache-Control Connection Content-Encoding
            Content-Language Content-Length Content-Type Cookie DNT Date Expect Forwarded From Host If-Match
            If-Modified-Since If-None-Match If-Range If-Unmodified-Since Keep-Alive Last-Event-ID Origin Pragma
            Priority Range Referer Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform Sec-Fetch-Dest Sec-Fetch-Mode
            Sec-Fetch-Site Sec-Fetch-User Sec-GPC Sec-WebSocket-Extensions Sec-WebSocket-Key
            Sec-WebSocket-Protocol Sec-WebSocket-Version TE Trailer Transfer-Encoding Upgrade
            Upgrade-Insecure-Requests User-Agent Via X-Forwarded-For X-Forwarded-Host X-Forwarded-Port
            X-Forwarded-Proto X-Real-IP X-Request-ID X-Requested-With
            """;

    @Test
    void makesNoStringForAUsualNameInEitherSpelling() {
        for (String name : USUAL.trim().split("\\s+")) {
            String lowerCase = name.toLowerCase(Locale.ROOT);

            assertThat(nameOf(name)).isSameAs(nameOf(name)).isEqualTo(name);
            assertThat(nameOf(lowerCase)).isSameAs(nameOf(lowerCase)).isEqualTo(lowerCase);
            assertThat(lowerCaseNameOf(name.toUpperCase(Locale.ROOT)))
                    .isSameAs(lowerCaseNameOf(name))
                    .isEqualTo(lowerCase);
        }
    }

    @Test
    void keepsEachUsualNameAsItIsSpelled() {
        for (String name : USUAL.trim().split("\\s+")) {
            String upperCase = name.toUpperCase(Locale.ROOT);

            assertThat(nameOf(upperCase)).isEqualTo(upperCase);
            assertThat(nameOf(name + "x")).isEqualTo(name + "x");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"X", "x", "Hose", "CooKie", "Upgrade-Insecure-Requestz", "!#$%&'*+-.^_`|~09"})
    void tellsAnyOtherNameToo(String name) {
        assertThat(nameOf(name)).isEqualTo(name);
        assertThat(lowerCaseNameOf(name)).isEqualTo(name.toLowerCase(Locale.ROOT));
    }

    private static String nameOf(String name) {
        return FieldNames.nameAt(bytes(name), 2, 2 + name.length());
    }

    private static String lowerCaseNameOf(String name) {
        return FieldNames.lowerCaseNameAt(bytes(name), 2, 2 + name.length());
    }

    private static byte[] bytes(String name) {
        return ("\r\n" + name + ":").getBytes(StandardCharsets.ISO_8859_1);
    }
}
