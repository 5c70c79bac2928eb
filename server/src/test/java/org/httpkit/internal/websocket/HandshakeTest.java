package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.websocket.Handshake.Accepted;
import org.httpkit.internal.websocket.Handshake.Refused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
    /** The example of RFC 6455 section 1.3. */
    private static final Headers PROPER = Headers.of(
            "Host", "server.example.com",
            "Upgrade", "websocket",
            "Connection", "Upgrade",
            "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version", "13");

    @Test
    void acceptsTheExampleOfTheStandard() {
        assertThat(check(PROPER)).isEqualTo(new Accepted("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", List.of(), List.of()));
    }

    @Test
    void acceptsAnyCaseOfTheTokens() {
        assertAccepted(PROPER.with("Upgrade", "WebSocket").with("Connection", "UPGRADE"));
    }

    @Test
    void acceptsTokensAmongOthers() {
        assertAccepted(PROPER.with("Upgrade", "foo, websocket").with("Connection", "keep-alive , Upgrade"));
    }

    @Test
    void acceptsTokensOnSeveralLines() {
        assertAccepted(PROPER.with("Connection", "keep-alive").plus("connection", "upgrade"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"AAAAAAAAAAAAAAAAAAAAAA==", "/+/+/+/+/+/+/+/+/+/+/w==", "0123456789abcdefghijkg=="})
    void acceptsAnyKeyOfSixteenBytes(String key) {
        assertThat(Base64.getDecoder().decode(key)).hasSize(16);
        assertAccepted(PROPER.with("Sec-WebSocket-Key", key));
    }

    @Test
    void refusesOtherMethods() {
        assertThat(Handshake.check(Method.POST, HttpVersion.HTTP_1_1, PROPER))
                .isEqualTo(new Refused(HandshakeViolation.METHOD_NOT_GET));
        assertThat(Handshake.check(Method.HEAD, HttpVersion.HTTP_1_1, PROPER))
                .isEqualTo(new Refused(HandshakeViolation.METHOD_NOT_GET));
    }

    @Test
    void refusesHttp10() {
        assertThat(Handshake.check(Method.GET, HttpVersion.HTTP_1_0, PROPER))
                .isEqualTo(new Refused(HandshakeViolation.VERSION_NOT_HTTP_1_1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocketx", "h2c", "web socket", "\"websocket\"", "websocket/13"})
    void refusesAnUpgradeToSomethingElse(String upgrade) {
        assertRefused(PROPER.with("Upgrade", upgrade), HandshakeViolation.NO_WEBSOCKET_UPGRADE, 426);
    }

    @Test
    void refusesARequestWithoutUpgrade() {
        assertRefused(PROPER.minus("Upgrade"), HandshakeViolation.NO_WEBSOCKET_UPGRADE, 426);
    }

    @ParameterizedTest
    @ValueSource(strings = {"keep-alive", "xupgrade", "upgrade-insecure", ""})
    void refusesAConnectionWithoutUpgrade(String connection) {
        assertRefused(PROPER.with("Connection", connection), HandshakeViolation.NO_UPGRADE_CONNECTION, 400);
        assertRefused(PROPER.minus("Connection"), HandshakeViolation.NO_UPGRADE_CONNECTION, 400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "8", "14", "013", "13x", "13, 13", "+13", ""})
    void asksForVersion13(String version) {
        assertRefused(PROPER.with("Sec-WebSocket-Version", version), HandshakeViolation.VERSION_NOT_13, 426);
        assertRefused(PROPER.minus("Sec-WebSocket-Version"), HandshakeViolation.VERSION_NOT_13, 426);
        assertThat(HandshakeViolation.VERSION_NOT_13.headers())
                .isEqualTo(Headers.of("Upgrade", "websocket", "Sec-WebSocket-Version", "13"));
    }

    @Test
    void refusesAVersionThatIsThereTwice() {
        assertRefused(PROPER.plus("Sec-WebSocket-Version", "13"), HandshakeViolation.VERSION_REPEATED, 400);
    }

    @Test
    void refusesAMissingOrRepeatedKey() {
        assertRefused(PROPER.minus("Sec-WebSocket-Key"), HandshakeViolation.KEY_MISSING, 400);
        assertRefused(
                PROPER.plus("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), HandshakeViolation.KEY_REPEATED, 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "x",
                "YWFhYWFhYWFhYWFhYWFh", // 15 bytes
                "YWFhYWFhYWFhYWFhYWFhYWE=", // 17 bytes
                "dGhlIHNhbXBsZSBub25jZQ", // no padding
                "dGhlIHNhbXBsZSBub25jZR==", // bits behind the sixteenth byte
                "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==",
                "dGhl IHNhbXBsZSBub25jZQ==",
                "-_hlIHNhbXBsZSBub25jZQ==", // the alphabet for URLs
                "!!!!!!!!!!!!!!!!!!!!!!=="
            })
    void refusesAKeyThatIsNotSixteenBytes(String key) {
        assertRefused(PROPER.with("Sec-WebSocket-Key", key), HandshakeViolation.KEY_NOT_16_BYTES, 400);
        assertThat(HandshakeViolation.KEY_NOT_16_BYTES.text()).isEqualTo("Bad Sec-WebSocket-Key header");
    }

    @Test
    void tellsWhatTheClientOffers() {
        Headers headers = PROPER.plus("Sec-WebSocket-Protocol", "chat, superchat")
                .plus("Sec-WebSocket-Protocol", "v2.chat")
                .plus("Sec-WebSocket-Extensions", "foo; bar=1, permessage-deflate");

        assertThat(check(headers))
                .isEqualTo(new Accepted(
                        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                        List.of("chat", "superchat", "v2.chat"),
                        List.of(
                                new ExtensionOffer("foo", List.of(new ExtensionOffer.Parameter("bar", "1"))),
                                new ExtensionOffer("permessage-deflate", List.of()))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a,,b", "a, a", "a b", "a,", "caf\u00e9", "\"a\""})
    void refusesSubprotocolsThatAreNotTokensOrNotUnique(String subprotocols) {
        assertRefused(
                PROPER.plus("Sec-WebSocket-Protocol", subprotocols), HandshakeViolation.SUBPROTOCOLS_MALFORMED, 400);
    }

    @Test
    void takesTheBlanksOffSubprotocols() {
        assertThat(check(PROPER.plus("Sec-WebSocket-Protocol", " \tchat \t,\tv2.chat \t")))
                .isEqualTo(new Accepted("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", List.of("chat", "v2.chat"), List.of()));
    }

    @Test
    void knowsTheCharactersOfATokenFromAllOthers() {
        String tokens = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for (char c = 0; c < 260; c++) {
            assertThat(Tokens.isToken("x" + c)).as("character %d", (int) c).isEqualTo(tokens.indexOf(c) >= 0);
        }
        assertThat(Tokens.isToken("")).isFalse();
    }

    @Test
    void refusesASubprotocolRepeatedOnAnotherLine() {
        assertRefused(
                PROPER.plus("Sec-WebSocket-Protocol", "a").plus("Sec-WebSocket-Protocol", "b, a"),
                HandshakeViolation.SUBPROTOCOLS_MALFORMED,
                400);
    }

    @Test
    void choosesTheSubprotocolTheClientLikesBest() {
        assertThat(Subprotocols.choose(List.of("v3", "v2", "v1"), List.of("v1", "v2")))
                .isEqualTo("v2");
        assertThat(Subprotocols.choose(List.of("V2"), List.of("v1", "v2"))).isNull();
        assertThat(Subprotocols.choose(List.of(), List.of("v1"))).isNull();
    }

    @Test
    void refusesExtensionsThatDoNotFitTheGrammar() {
        assertRefused(PROPER.plus("Sec-WebSocket-Extensions", "a b"), HandshakeViolation.EXTENSIONS_MALFORMED, 400);
    }

    @Test
    void namesASectionAndAnAnswerForEachViolation() {
        for (HandshakeViolation violation : HandshakeViolation.values()) {
            assertThat(violation.rule()).as(violation.name()).matches("RFC (6455|9110|9220) section [\\d.]+");
            assertThat(violation.text()).as(violation.name()).isNotEmpty();
            assertThat(violation.headers().contains("Upgrade"))
                    .as(violation.name())
                    .isEqualTo(violation.status().code() == 426);
        }
    }

    @Test
    void answersWithWhatWasAgreed() {
        Accepted accepted = (Accepted) check(PROPER);

        assertThat(accepted.answer(null, null))
                .isEqualTo(Headers.of(
                        "Upgrade", "websocket",
                        "Connection", "Upgrade",
                        "Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assertThat(accepted.answer("chat", new DeflateAgreement(true, true, OptionalInt.empty())))
                .isEqualTo(accepted.answer(null, null)
                        .plus("Sec-WebSocket-Protocol", "chat")
                        .plus("Sec-WebSocket-Extensions", "permessage-deflate"));
    }

    private static Handshake.Result check(Headers headers) {
        return Handshake.check(Method.GET, HttpVersion.HTTP_1_1, headers);
    }

    private static void assertAccepted(Headers headers) {
        assertThat(check(headers)).isInstanceOf(Accepted.class);
    }

    private static void assertRefused(Headers headers, HandshakeViolation violation, int status) {
        assertThat(check(headers)).isEqualTo(new Refused(violation));
        assertThat(violation.status().code()).isEqualTo(status);
    }
}
