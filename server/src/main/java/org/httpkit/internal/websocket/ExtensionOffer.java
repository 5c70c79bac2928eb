package org.httpkit.internal.websocket;

import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * An extension that a client offers (RFC 6455 section 9.1). Immutable.
 *
 * @param name the extension's token, for example {@code permessage-deflate}
 * @param parameters its parameters, in order
 */
public record ExtensionOffer(String name, List<Parameter> parameters) {
    /**
     * A parameter of an extension. Immutable.
     *
     * @param name a token
     * @param value a token without the quotes it may have had, or null
     */
    public record Parameter(String name, @Nullable String value) {}

    private static final String FIELD = "Sec-WebSocket-Extensions";

    public ExtensionOffer {
        parameters = List.copyOf(parameters);
    }

    /** Returns all offers of a request in order; empty if there are none, null if a field breaks the grammar. */
    static @Nullable List<ExtensionOffer> offered(Headers headers) {
        List<ExtensionOffer> offers = new ArrayList<>();
        for (String value : headers.all(FIELD)) {
            if (!new Parser(value).parseInto(offers)) {
                return null;
            }
        }
        return List.copyOf(offers);
    }

    /** Reads one field value: {@code 1#( token *( ";" token [ "=" ( token / quoted-string ) ] ) )}. */
    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        boolean parseInto(List<ExtensionOffer> offers) {
            boolean some = false;
            do {
                skipBlanks();
                if (at < text.length() && text.charAt(at) != ',') { // empty members are legal, but not alone
                    ExtensionOffer offer = offer();
                    if (offer == null) {
                        return false;
                    }
                    offers.add(offer);
                    some = true;
                }
            } while (take(','));
            return some && at == text.length();
        }

        private @Nullable ExtensionOffer offer() {
            String name = token();
            List<Parameter> parameters = new ArrayList<>(2);
            skipBlanks();
            while (take(';')) {
                skipBlanks();
                String parameter = token();
                skipBlanks();
                String value = null;
                if (take('=')) {
                    skipBlanks();
                    value = take('"') ? quoted() : token();
                    if (!Tokens.isToken(value)) {
                        return null;
                    }
                    skipBlanks();
                }
                if (parameter.isEmpty()) {
                    return null;
                }
                parameters.add(new Parameter(parameter, value));
            }
            return name.isEmpty() ? null : new ExtensionOffer(name, parameters);
        }

        /**
         * Reads the rest of a quoted string and removes escapes. Returns an empty text, which is not a legal value, if
         * the string does not end.
         */
        private String quoted() {
            StringBuilder value = new StringBuilder();
            while (at < text.length() && text.charAt(at) != '"') {
                if (text.charAt(at) == '\\') {
                    at++;
                }
                if (at < text.length()) {
                    value.append(text.charAt(at++));
                }
            }
            return take('"') ? value.toString() : "";
        }

        private String token() {
            int begin = at;
            at = Tokens.endOfToken(text, begin);
            return text.substring(begin, at);
        }

        private boolean take(char c) {
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private void skipBlanks() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
                at++;
            }
        }
    }
}
