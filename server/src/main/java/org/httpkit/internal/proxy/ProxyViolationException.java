package org.httpkit.internal.proxy;

/** A peer broke a rule about proxies. Stackless and shared, one instance for each violation; safe from any thread. */
public final class ProxyViolationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ProxyViolation violation;

    ProxyViolationException(ProxyViolation violation, String message) {
        super(message, null, false, false);
        this.violation = violation;
    }

    /** The rule that was broken. */
    public ProxyViolation violation() {
        return violation;
    }
}
