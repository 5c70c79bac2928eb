package org.httpkit.internal.exchange;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.internal.proxy.ProxyHeader;
import org.httpkit.internal.proxy.Tlv;
import org.httpkit.server.ProxyInfo;

/**
 * A PROXY protocol header and its effect on the requests of its connection. Immutable.
 *
 * @param header as it was decoded
 * @param info the header in the form for the application
 */
public record ProxyPreface(ProxyHeader header, ProxyInfo info) {
    private static final int HTTPS_PORT = 443;

    public ProxyPreface(ProxyHeader header) {
        this(header, infoOf(header));
    }

    /** The scheme that the client used: judged by the proxy's report on TLS or, if there is none, by the port. */
    String scheme() {
        SocketAddress destination = header.destination();
        boolean tellsTls = header.tlv(Tlv.TLS) != null;
        boolean isHttpsPort = destination instanceof InetSocketAddress inet && inet.getPort() == HTTPS_PORT;
        return header.isTls() || (!tellsTls && isHttpsPort) ? "https" : "http";
    }

    /** Whether the proxy connected for a client that it does not name. */
    boolean hidesClient() {
        return header.command() == ProxyHeader.Command.PROXY && header.source() == null;
    }

    private static ProxyInfo infoOf(ProxyHeader header) {
        List<ProxyInfo.Value> values = new ArrayList<>(header.tlvs().size());
        for (Tlv tlv : header.tlvs()) {
            values.add(new ProxyInfo.Value(tlv.type(), tlv.value()));
        }
        return new ProxyInfo(
                header.version(),
                header.command() == ProxyHeader.Command.LOCAL,
                header.source(),
                header.destination(),
                header.authority(),
                header.alpn(),
                header.isTls(),
                header.tlsVersion(),
                header.tlsCommonName(),
                header.isVerified(),
                values);
    }
}
