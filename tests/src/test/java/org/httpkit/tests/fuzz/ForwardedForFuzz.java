package org.httpkit.tests.fuzz;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.internal.proxy.ForwardedFor;
import org.httpkit.internal.proxy.ProxyViolationException;

/**
 * Forwarding fields, which a client may have begun to write: he cannot make the server believe more than his own proxy wrote
 * behind that. The addresses 10.x.x.x are the trusted proxies.
 */
public final class ForwardedForFuzz {
    private static final InetSocketAddress PROXY = address(10, 0, 0, 1);
    private static final InetSocketAddress STRANGER = address(203, 0, 113, 9);
    private static final InetAddress CLIENT = address(192, 0, 2, 1).getAddress();
    private static final String[] NAMES = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto"};

    private ForwardedForFuzz() {}

    /** Fields until the bytes end: one byte for the name, one for the length of the value, the value. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        List<String> forged = new ArrayList<>();
        while (!choices.isEmpty()) {
            forged.add(NAMES[choices.one() % NAMES.length]);
            forged.add(choices.latin1().replaceAll("[\\x00-\\x08\\x0a-\\x1f\\x7f]", "\t"));
        }
        requireAnAnswer(forged);
        requireDisbelief(forged);
        requireTheProxysWord(only(forged, "X-Forwarded-For"), "X-Forwarded-For", "192.0.2.1");
        requireTheProxysWord(only(forged, "X-Forwarded-For"), "X-Forwarded-For", "192.0.2.1, 10.0.0.7");
        requireTheProxysWord(only(forged, "Forwarded"), "Forwarded", "for=192.0.2.1");
        requireTheProxysWord(only(forged, "Forwarded"), "Forwarded", "for=\"192.0.2.1:80\";proto=http, for=10.0.0.7");
    }

    private static void requireAnAnswer(List<String> fields) {
        try {
            ForwardedFor believed = believed(PROXY, fields);
            if (believed.client() == null || believed.client().isUnresolved()) {
                throw new AssertionError("No client: " + believed);
            }
            if (believed.scheme() != null && !believed.scheme().matches("https?")) {
                throw new AssertionError("No scheme: " + believed);
            }
        } catch (ProxyViolationException e) {
            if (only(fields, "Forwarded").isEmpty()
                    || only(fields, "X-Forwarded-For").isEmpty()) {
                throw new AssertionError("One field alone cannot disagree: " + fields, e);
            }
        }
    }

    /** Of one who is not trusted nothing is read, so nothing can be wrong with it either. */
    private static void requireDisbelief(List<String> fields) {
        try {
            requireEqual(new ForwardedFor(STRANGER, null, null), believed(STRANGER, fields), fields);
        } catch (ProxyViolationException e) {
            throw new AssertionError("Refused what should not be read: " + fields, e);
        }
    }

    /** A proxy adds its element on a separate line, or at the end of the last line. */
    private static void requireTheProxysWord(List<String> forged, String name, String written) {
        List<String> ownLine = new ArrayList<>(forged);
        ownLine.add(name);
        ownLine.add(written);
        requireClient(ownLine);
        if (!forged.isEmpty()) {
            List<String> sameLine = new ArrayList<>(forged);
            sameLine.set(sameLine.size() - 1, forged.get(forged.size() - 1) + ", " + written);
            requireClient(sameLine);
        }
    }

    private static void requireClient(List<String> fields) {
        try {
            InetSocketAddress client = believed(PROXY, fields).client();
            requireEqual(CLIENT, client == null ? null : client.getAddress(), fields);
        } catch (ProxyViolationException e) {
            throw new AssertionError("Refused: " + fields, e);
        }
    }

    private static ForwardedFor believed(InetSocketAddress peer, List<String> fields) throws ProxyViolationException {
        return ForwardedFor.believed(
                peer, address -> address.getAddress()[0] == 10, Headers.of(fields.toArray(String[]::new)));
    }

    private static List<String> only(List<String> fields, String name) {
        List<String> those = new ArrayList<>();
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equals(name)) {
                those.add(name);
                those.add(fields.get(i + 1));
            }
        }
        return those;
    }

    private static void requireEqual(Object expected, Object actual, List<String> fields) {
        if (!expected.equals(actual)) {
            throw new AssertionError("Believed " + actual + ", not " + expected + ": " + fields);
        }
    }

    private static InetSocketAddress address(int... numbers) {
        byte[] bytes = new byte[numbers.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) numbers[i];
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), 0);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
