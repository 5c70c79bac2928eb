package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeflateAgreementTest {
    private static final DeflateOptions KEEPING = new DeflateOptions(true, true, 6, 0);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "permessage-deflate | permessage-deflate",
                "PerMessage-Deflate | permessage-deflate",
                "permessage-deflate; server_no_context_takeover | permessage-deflate; server_no_context_takeover",
                "permessage-deflate; client_no_context_takeover | permessage-deflate; client_no_context_takeover",
                "permessage-deflate; client_max_window_bits | permessage-deflate",
                "permessage-deflate; client_max_window_bits=8 | permessage-deflate",
                "permessage-deflate; client_max_window_bits=15 | permessage-deflate",
                "permessage-deflate; server_max_window_bits=15 | permessage-deflate; server_max_window_bits=15",
                "permessage-deflate; server_max_window_bits=\"15\" | permessage-deflate; server_max_window_bits=15",
                "permessage-deflate; server_max_window_bits=10"
                        + " | permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
                "permessage-deflate; client_max_window_bits; server_max_window_bits=8; client_no_context_takeover;"
                        + " server_no_context_takeover"
                        + " | permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                        + " server_max_window_bits=8"
            })
    void agreesToWhatTheClientOffers(String offer, String answer) {
        assertThat(answer(offer, KEEPING)).isEqualTo(answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-webkit-deflate-frame",
                "permessage-deflate; no_such_parameter",
                "permessage-deflate; no_such_parameter=1",
                "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
                "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
                "permessage-deflate; server_no_context_takeover=1",
                "permessage-deflate; client_no_context_takeover=true",
                "permessage-deflate; server_max_window_bits",
                "permessage-deflate; server_max_window_bits=7",
                "permessage-deflate; server_max_window_bits=16",
                "permessage-deflate; server_max_window_bits=99",
                "permessage-deflate; server_max_window_bits=08",
                "permessage-deflate; server_max_window_bits=+9",
                "permessage-deflate; server_max_window_bits=x",
                "permessage-deflate; client_max_window_bits=7",
                "permessage-deflate; client_max_window_bits=16",
                "permessage-deflate; client_max_window_bits=010"
            })
    void declinesAnOfferWithAFault(String offer) {
        assertThat(answer(offer, KEEPING)).isNull();
    }

    @Test
    void takesTheFirstOfferThatIsAcceptable() {
        assertThat(answer(
                        "other, permessage-deflate; server_max_window_bits=99,"
                                + " permessage-deflate; server_no_context_takeover, permessage-deflate",
                        KEEPING))
                .isEqualTo("permessage-deflate; server_no_context_takeover");
    }

    @Test
    void givesUpContextsUnaskedIfTheServerIsToKeepNone() {
        assertThat(answer("permessage-deflate", DeflateOptions.DEFAULT))
                .isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    }

    @Test
    void agreesToNothingWithoutOffers() {
        assertThat(DeflateAgreement.negotiate(List.of(), KEEPING)).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inflatesWithAContextOnlyIfTheClientKeepsOne(boolean keeps) {
        byte[] hello = HexFormat.of().parseHex("f248cdc9c90700");
        byte[] helloAgain = HexFormat.of().parseHex("f200110000");
        MessageInflater inflater = new DeflateAgreement(true, keeps, OptionalInt.empty()).newInflater();
        inflater.inflate(hello, 0, hello.length, new MessageBuffer(), 10);
        inflater.finishMessage(new MessageBuffer(), 10);

        assertThat(inflater.inflate(helloAgain, 0, helloAgain.length, new MessageBuffer(), 10))
                .isEqualTo(keeps ? null : WebSocketViolation.NOT_DEFLATE);
        inflater.release();
    }

    @Test
    void refusesOptionsOutOfRange() {
        assertThatThrownBy(() -> new DeflateOptions(true, true, 10, 0)).hasMessageContaining("10 is outside 1 to 9");
        assertThatThrownBy(() -> new DeflateOptions(true, true, 6, -1)).hasMessageContaining("-1 is negative");
    }

    private static @Nullable String answer(String offer, DeflateOptions options) {
        List<ExtensionOffer> offers = ExtensionOffer.offered(Headers.of("Sec-WebSocket-Extensions", offer));
        assertThat(offers).isNotNull();
        DeflateAgreement agreement = DeflateAgreement.negotiate(offers, options);
        return agreement == null ? null : agreement.headerValue();
    }
}
