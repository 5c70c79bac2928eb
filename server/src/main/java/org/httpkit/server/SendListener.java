package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/** Learns when sent data has left. */
@FunctionalInterface
public interface SendListener {

    /** Called once: with null when the network has taken the data, else with what prevented it. */
    void done(@Nullable Throwable failure);
}
