package org.httpkit.internal.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The client that the server believes to have sent a request through proxies. Immutable.
 *
 * <p>Each proxy appends the sender's address to Forwarded (RFC 7239) or X-Forwarded-For. So the server reads the
 * elements from the end, as long as it trusts their writers: the first address that it does not trust is the client's,
 * and everything before it is an unverified claim. If it trusts all addresses, the client's is the first one written.
 * An element that hides its address, or is malformed, ends the walk at the address believed before.
 *
 * @param client the address believed; its port is 0 if no proxy stated it; null if the client is a peer without an
 *     address
 * @param scheme {@code http} or {@code https} as the proxy next to the client saw it; null if not stated
 * @param host the Host field as the proxy next to the client received it; null if not stated
 */
public record ForwardedFor(
        @Nullable InetSocketAddress client,
        @Nullable String scheme,
        @Nullable String host) {

    /**
     * Reads the fields of a request, but only if the direct peer is trusted.
     *
     * @param peer who connected to us
     * @throws ProxyViolationException if both fields are present and name different clients or schemes
     */
    public static ForwardedFor believed(InetSocketAddress peer, Predicate<InetAddress> trusted, Headers headers)
            throws ProxyViolationException {
        return peer.isUnresolved() || !trusted.test(peer.getAddress())
                ? new ForwardedFor(peer, null, null)
                : toldBy(peer, trusted, headers);
    }

    /**
     * Reads the fields of a request from a trusted peer.
     *
     * <p>The scheme and host come from the last trusted proxy on the walk, which wrote them beside the address, even if
     * it hid the address. With X-Forwarded-For they are in separate fields: X-Forwarded-Proto counts position by
     * position if it has as many elements, else its last element counts; X-Forwarded-Host does not count, because most
     * proxies pass on the client's text.
     *
     * <p>If both fields are present, a proxy may have written one of them and passed on the client's other one, and
     * nothing shows which. So they must not contradict each other, and the server does not believe what only one of
     * them states: the host in Forwarded, and a scheme or port that the other one lacks.
     *
     * @param peer the peer that connected to the server; null if it has no address
     * @throws ProxyViolationException if both fields are present and name different clients or schemes
     */
    public static ForwardedFor toldBy(@Nullable InetSocketAddress peer, Predicate<InetAddress> trusted, Headers headers)
            throws ProxyViolationException {
        ForwardedFor itself = new ForwardedFor(peer, null, null);
        List<String> forwarded = headers.all("Forwarded");
        List<String> plain = headers.all("X-Forwarded-For");
        if (forwarded.isEmpty()) {
            return walkPlain(itself, trusted, plain, headers.all("X-Forwarded-Proto"));
        }
        ForwardedFor believed = walk(itself, trusted, forwarded);
        return plain.isEmpty()
                ? believed
                : agreed(believed, walkPlain(itself, trusted, plain, headers.all("X-Forwarded-Proto")));
    }

    /** Combines two fields, of which perhaps only one comes from the proxy. */
    private static ForwardedFor agreed(ForwardedFor forwarded, ForwardedFor plain) throws ProxyViolationException {
        boolean bothTellScheme = forwarded.scheme != null && plain.scheme != null;
        if (!Objects.equals(addressOf(forwarded), addressOf(plain))
                || (bothTellScheme && !Objects.equals(forwarded.scheme, plain.scheme))) {
            throw ProxyViolation.CONFLICTING_FORWARDED_FIELDS.exception();
        }
        boolean samePort = Objects.equals(forwarded.client, plain.client);
        return new ForwardedFor(
                samePort ? forwarded.client : new InetSocketAddress(addressOf(forwarded), 0),
                bothTellScheme ? forwarded.scheme : null,
                null);
    }

    private static ForwardedFor walk(ForwardedFor start, Predicate<InetAddress> trusted, List<String> lines) {
        ListFromTheEnd elements = new ListFromTheEnd(lines, true);
        ForwardedFor believed = start;
        for (String text = elements.previous(); text != null; text = elements.previous()) {
            ForwardedElement element = ForwardedElement.parse(text);
            if (element == null) {
                break;
            }
            believed = believed.told(element);
            if (believed.endsAt(element, trusted)) {
                break;
            }
        }
        return believed;
    }

    private static ForwardedFor walkPlain(
            ForwardedFor start, Predicate<InetAddress> trusted, List<String> lines, List<String> schemeLines) {
        ListFromTheEnd elements = new ListFromTheEnd(lines, false);
        ListFromTheEnd schemes = new ListFromTheEnd(schemeLines, false);
        boolean inStep = ListFromTheEnd.count(lines) == ListFromTheEnd.count(schemeLines);
        String scheme = inStep ? null : schemes.previous();
        ForwardedFor believed = new ForwardedFor(start.client, ForwardedElement.httpScheme(scheme), null);
        for (String text = elements.previous(); text != null; text = elements.previous()) {
            ForwardedElement element = ForwardedElement.parsePlain(text, inStep ? schemes.previous() : scheme);
            if (element == null) {
                break;
            }
            believed = believed.told(element);
            if (believed.endsAt(element, trusted)) {
                break;
            }
        }
        return believed;
    }

    private static @Nullable InetAddress addressOf(ForwardedFor believed) {
        return believed.client == null ? null : believed.client.getAddress();
    }

    private ForwardedFor told(ForwardedElement element) {
        return new ForwardedFor(element.client() == null ? client : element.client(), element.scheme(), element.host());
    }

    /** Whether the elements before this one cannot be believed. */
    private boolean endsAt(ForwardedElement element, Predicate<InetAddress> trusted) {
        InetSocketAddress told = element.client();
        return told == null || !trusted.test(told.getAddress());
    }
}
