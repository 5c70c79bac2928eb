package org.httpkit.internal.connection;

import java.net.InetAddress;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSession;
import org.httpkit.http.IpAddress;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.Security;
import org.jspecify.annotations.Nullable;

/**
 * The authorities for which a client may use an HTTP/2 connection: the name in its handshake, and the names in the
 * certificate that it received (RFC 9113 section 9.1.1). Confined to its loop thread.
 *
 * <p>A client that asked for no name, or resumed a session whose certificate is unknown, may use any.
 */
final class Authorities {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private static final Authorities ANY = new Authorities(List.of(), null);

    private final Set<String> names = new HashSet<>();
    private final Set<@Nullable InetAddress> addresses = new HashSet<>();
    private final boolean any;
    /** The authority of the last request that was included: most requests have the same one. */
    private String last = "";

    private Authorities(List<String> requested, Certificate @Nullable [] chain) {
        requested.forEach(name -> names.add(normal(name)));
        any = requested.isEmpty() || chain == null || chain.length == 0 || !addNames(chain[0]);
    }

    /**
     * The authorities of a connection.
     *
     * @param security the parameters of its encryption; null without encryption
     */
    static Authorities of(@Nullable Security security) {
        if (security == null) {
            return ANY;
        }
        SSLSession session = security.session();
        List<String> requested = session instanceof ExtendedSSLSession extended
                ? extended.getRequestedServerNames().stream()
                        .filter(SNIHostName.class::isInstance)
                        .map(name -> ((SNIHostName) name).getAsciiName())
                        .toList()
                : List.of();
        return new Authorities(requested, session.getLocalCertificates());
    }

    /** Adds the certificate's names; returns false if they are unknown. */
    private boolean addNames(Certificate certificate) {
        if (!(certificate instanceof X509Certificate known)) {
            return false;
        }
        try {
            Collection<List<?>> alternatives = known.getSubjectAlternativeNames();
            for (List<?> each : alternatives == null ? List.<List<?>>of() : alternatives) {
                String value = String.valueOf(each.get(1));
                if (each.get(0).equals(DNS_NAME)) {
                    names.add(normal(value));
                } else if (each.get(0).equals(IP_ADDRESS)) {
                    addresses.add(IpAddress.parse(value));
                }
            }
            return true;
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    /** Whether the request is for one of them; 421 answers one that is not (RFC 9110 section 15.5.20). */
    boolean include(RequestHead head) {
        if (any || head.isFor(last)) {
            return true;
        }
        String authority = head.authority();
        if (!includes(hostOf(authority))) {
            return false;
        }
        last = authority;
        return true;
    }

    private boolean includes(String host) {
        if (host.startsWith("[") && host.endsWith("]")) {
            return addresses.contains(IpAddress.parse(host.substring(1, host.length() - 1)));
        }
        String name = normal(host);
        int dot = name.indexOf('.');
        return names.contains(name)
                || (dot > 0 && names.contains("*" + name.substring(dot))) // RFC 6125 section 6.4.3
                || (!addresses.isEmpty() && addresses.contains(IpAddress.parse(name)));
    }

    private static String hostOf(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon < 0 || authority.endsWith("]") ? authority : authority.substring(0, colon);
    }

    private static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
