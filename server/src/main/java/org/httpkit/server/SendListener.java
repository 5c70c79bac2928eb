package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/** Called when sent data has left. */
@FunctionalInterface
public interface SendListener {

    /** Called once: with null when the network has taken the data, otherwise with the reason why it did not. */
    void done(@Nullable Throwable failure);
}
