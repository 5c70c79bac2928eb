package org.httpkit.tests.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Where the documents of this repository are, and what they say. Stateless. */
public final class Documents {
    static final Path ROOT = root();

    private Documents() {}

    /** All documents of the repository: at the top, below docs, and in the modules and their tests. */
    static List<Path> all() throws IOException {
        List<Path> documents = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return isMade(folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".md")) {
                    documents.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        Collections.sort(documents);
        return documents;
    }

    /** Its path from the top, with slashes. */
    static String name(Path document) {
        return ROOT.relativize(document).toString().replace('\\', '/');
    }

    public static String text(String path) {
        try {
            return Files.readString(ROOT.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether tools make what is in the folder. */
    private static boolean isMade(Path folder) {
        String name = folder.getFileName().toString();
        return !folder.equals(ROOT)
                && (name.startsWith(".") || name.startsWith("target") || name.equals("node_modules"));
    }

    /** The folder that has the README, from wherever in the repository the tests run. */
    private static Path root() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("README.md")) && Files.exists(folder.resolve("ARCHITECTURE.md"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "There is no README.md above " + Path.of("").toAbsolutePath());
    }
}
