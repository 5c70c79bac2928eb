package org.httpkit.testkit.simulation;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The files of one simulation, by the names under which they are asked for. */
final class SimulatedFiles {
    private static final String FOLDER = "/file/";

    private final Schedule schedule;
    private final Map<String, SimulatedFile> files = new HashMap<>();

    SimulatedFiles(Schedule schedule) {
        this.schedule = schedule;
    }

    static String requestPath(String name) {
        return FOLDER + name;
    }

    SimulatedFile make(String name) {
        SimulatedFile file = new SimulatedFile(name, schedule);
        files.put(name, file);
        return file;
    }

    SimulatedFile get(String name) {
        return Objects.requireNonNull(files.get(name), name);
    }

    /** A request has failed, perhaps for a file. */
    void failed(String requestPath) {
        if (requestPath.startsWith(FOLDER)) {
            get(requestPath.substring(FOLDER.length())).failed();
        }
    }

    /** To be called when all is over. */
    void verify() {
        files.values().forEach(SimulatedFile::verifyClosed);
    }
}
