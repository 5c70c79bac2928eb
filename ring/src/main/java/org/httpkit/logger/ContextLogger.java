package org.httpkit.logger;

import org.jspecify.annotations.Nullable;

/** Takes a message to log, and its context. Implementations must be safe from any thread. */
public interface ContextLogger<T, U> {

    /**
     * Prints to {@code System.err}: the message as text, the failure with its stack. It blocks if that stream is not
     * read; see {@link #log}.
     */
    ContextLogger<String, Throwable> ERROR_PRINTER = (message, failure) -> {
        System.err.println(message);
        if (failure != null) {
            failure.printStackTrace();
        }
    };

    /** Called on event loops, too, so it must not block. */
    void log(T message, @Nullable U context);
}
