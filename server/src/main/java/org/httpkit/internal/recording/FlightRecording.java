package org.httpkit.internal.recording;

import org.httpkit.server.ServerObserver;

/** Finds out whether this JVM has a Flight Recorder. Safe from any thread. */
public final class FlightRecording {
    private FlightRecording() {}

    /**
     * Returns an observer that records events while a recording runs, or one that does nothing if this JVM can have
     * none.
     */
    public static ServerObserver observer() {
        if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
            return new ServerObserver() {};
        }
        return new EventRecorder();
    }
}
