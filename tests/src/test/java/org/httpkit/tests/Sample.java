package org.httpkit.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.httpkit.tests.docs.Documents;

/** A configuration in docs/operations, with what is of another machine changed for this one. Immutable. */
record Sample(String name, String text) {

    static Sample of(String name) {
        return new Sample(name, Documents.text("docs/operations/" + name));
    }

    /** With every occurrence changed; there has to be one, else the sample is not the one that the test was written for. */
    Sample with(String there, String here) {
        if (!text.contains(there)) {
            throw new AssertionError(name + " does not have: " + there);
        }
        return new Sample(name, text.replace(there, here));
    }

    Path writtenTo(Path folder) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
