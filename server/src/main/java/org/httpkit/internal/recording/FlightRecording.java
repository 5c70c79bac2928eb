package org.httpkit.internal.recording;

import org.httpkit.server.ServerObserver;

/** Finds out whether this JVM has a Flight Recorder. Safe from any thread. */
public final class FlightRecording {
    private FlightRecording() {}

    /** An observer that records what happens while there is a recording, or one that does nothing if there never can be one. */
    public static ServerObserver observer() {
        if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
            return new ServerObserver() {};
        }
        return new EventRecorder();
    }
}
