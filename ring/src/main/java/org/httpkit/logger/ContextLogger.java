package org.httpkit.logger;

import org.jspecify.annotations.Nullable;

/** Takes what is to be logged and what it is about. Implementations must be safe from any thread. */
public interface ContextLogger<T, U> {

    /** Prints to {@code System.err}: the first as text, of the second its stack. It waits if nobody reads that; see {@link #log}. */
    ContextLogger<String, Throwable> ERROR_PRINTER = (message, failure) -> {
        System.err.println(message);
        if (failure != null) {
            failure.printStackTrace();
        }
    };

    /** Called on event loops, too, so it must not block. */
    void log(T message, @Nullable U context);
}
