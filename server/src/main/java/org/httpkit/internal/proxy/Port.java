package org.httpkit.internal.proxy;

/** Reads port numbers. Stateless. */
final class Port {
    private static final int MAX = 65535;

    private Port() {}

    /** Returns the number, 0 to 65535, or -1 if the text is anything but its digits without leading zeros. */
    static int parse(String text) {
        if (text.isEmpty() || text.length() > 5 || (text.charAt(0) == '0' && text.length() > 1)) {
            return -1;
        }
        int port = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            port = 10 * port + c - '0';
        }
        return port <= MAX ? port : -1;
    }
}
