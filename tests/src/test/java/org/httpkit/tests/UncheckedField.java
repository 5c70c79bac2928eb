package org.httpkit.tests;

import org.httpkit.http.Headers;

/** A field that no check has seen, as a foreign implementation of the interface may bring it. */
record UncheckedField(String name, String value) implements Headers {
    @Override
    public int size() {
        return 1;
    }

    @Override
    public String name(int index) {
        return name;
    }

    @Override
    public String value(int index) {
        return value;
    }
}
