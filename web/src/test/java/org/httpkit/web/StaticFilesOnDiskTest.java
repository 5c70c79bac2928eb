package org.httpkit.web;

import java.nio.file.Path;

/** Files that are not kept in memory look the same to a client. */
class StaticFilesOnDiskTest extends StaticFilesOnServerTest {

    @Override
    StaticFiles files(Path folder) {
        return StaticFiles.of(folder).keepInMemory(0);
    }
}
