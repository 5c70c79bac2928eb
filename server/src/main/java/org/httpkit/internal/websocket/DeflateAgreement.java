package org.httpkit.internal.websocket;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import org.httpkit.internal.websocket.ExtensionOffer.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of permessage-deflate on which client and server agreed (RFC 7692 sections 5 and 7.1). Immutable.
 *
 * <p>The two window parameters, given that the platform's DEFLATE always has a window of 15 bits:
 *
 * <ul>
 * <li>{@code server_max_window_bits}: a client that asks for less than 15 gets it. {@link MessageDeflater} then resets
 *     its window at least every 2<sup>bits</sup> bytes, so that no reference reaches farther back; it also keeps no
 *     context, and the answer says so.
 * <li>{@code client_max_window_bits}: the server inflates whatever window the client uses, so it checks the parameter
 *     but does not answer it.
 * </ul>
 *
 * @param serverKeepsContext whether the server's messages may refer to earlier ones
 * @param clientKeepsContext whether the client's messages may
 * @param serverMaxWindowBits 8 to 15 if the client limits the server's window
 */
public record DeflateAgreement(
        boolean serverKeepsContext, boolean clientKeepsContext, OptionalInt serverMaxWindowBits) {
    static final int MAX_WINDOW_BITS = 15;
    private static final int MIN_WINDOW_BITS = 8;
    private static final String NAME = "permessage-deflate";

    /** Accepts the first acceptable offer; returns null if there is none. Any fault in an offer declines that offer. */
    public static @Nullable DeflateAgreement negotiate(List<ExtensionOffer> offers, DeflateOptions options) {
        for (ExtensionOffer offer : offers) {
            if (offer.name().equalsIgnoreCase(NAME)) {
                DeflateAgreement agreement = agree(offer, options);
                if (agreement != null) {
                    return agreement;
                }
            }
        }
        return null;
    }

    private static @Nullable DeflateAgreement agree(ExtensionOffer offer, DeflateOptions options) {
        boolean serverKeepsContext = options.serverKeepsContext();
        boolean clientKeepsContext = options.clientKeepsContext();
        OptionalInt serverMaxWindowBits = OptionalInt.empty();
        Set<String> seen = new HashSet<>();
        for (Parameter parameter : offer.parameters()) {
            String name = parameter.name().toLowerCase(Locale.ROOT);
            String value = parameter.value();
            boolean valid =
                    switch (name) {
                        case "server_no_context_takeover", "client_no_context_takeover" -> value == null;
                        case "server_max_window_bits" -> value != null && isWindowBits(value);
                        case "client_max_window_bits" -> value == null || isWindowBits(value);
                        default -> false;
                    };
            if (!valid || !seen.add(name)) {
                return null;
            }
            if (name.equals("server_no_context_takeover")) {
                serverKeepsContext = false;
            } else if (name.equals("client_no_context_takeover")) {
                clientKeepsContext = false;
            } else if (name.equals("server_max_window_bits") && value != null) {
                serverMaxWindowBits = OptionalInt.of(Integer.parseInt(value));
            }
        }
        if (serverMaxWindowBits.orElse(MAX_WINDOW_BITS) < MAX_WINDOW_BITS) {
            serverKeepsContext = false;
        }
        return new DeflateAgreement(serverKeepsContext, clientKeepsContext, serverMaxWindowBits);
    }

    /** A decimal number from 8 to 15 without leading zeros (RFC 7692 section 7.1.2). */
    private static boolean isWindowBits(String value) {
        for (int bits = MIN_WINDOW_BITS; bits <= MAX_WINDOW_BITS; bits++) {
            if (value.equals(Integer.toString(bits))) {
                return true;
            }
        }
        return false;
    }

    /** The value of {@code Sec-WebSocket-Extensions} in the answer. */
    String headerValue() {
        StringBuilder value = new StringBuilder(NAME);
        if (!serverKeepsContext) {
            value.append("; server_no_context_takeover");
        }
        if (!clientKeepsContext) {
            value.append("; client_no_context_takeover");
        }
        serverMaxWindowBits.ifPresent(
                bits -> value.append("; server_max_window_bits=").append(bits));
        return value.toString();
    }

    /** Makes an inflater for the client's messages. */
    public MessageInflater newInflater() {
        return new MessageInflater(clientKeepsContext);
    }

    /** Makes a deflater for the server's messages. */
    public MessageDeflater newDeflater(DeflateOptions options) {
        return new MessageDeflater(this, options);
    }
}
