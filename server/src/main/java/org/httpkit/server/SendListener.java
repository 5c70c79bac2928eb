package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/** Is told when sent data has left. */
@FunctionalInterface
public interface SendListener {

    /** Called once: with null when the network has taken the data, else with what prevented it. Must not block. */
    void done(@Nullable Throwable failure);
}
