package org.httpkit.web;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A folder and its real content: whatever links and names say, it finds nothing outside. Safe from any thread.
 *
 * <p>The real path decides, element by element, when the names are looked up: a program that may write into the folder
 * can still replace a file by a link before the file is opened.
 */
final class FileFolder {
    /** Jars that contain folders of the class path; they stay open, as the JVM needs them in any case. */
    private static final Map<Path, FileSystem> JARS = new ConcurrentHashMap<>();

    /** A file or folder that was found; {@code path} has no link in it. */
    record Found(Path path, BasicFileAttributes attributes) {}

    private final Path named;
    /** The real path of {@link #named} at the last look: it may be a link that a deployment has changed. */
    private volatile Path real;

    private FileFolder(Path named, Path real) {
        this.named = named;
        this.real = real;
    }

    /**
     * A folder of the file system.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    static FileFolder of(Path folder) {
        try {
            Path real = folder.toRealPath();
            if (Files.isDirectory(real)) {
                return new FileFolder(folder.toAbsolutePath(), real);
            }
            throw new IllegalArgumentException("Not a folder: " + folder);
        } catch (IOException e) {
            throw new IllegalArgumentException("No folder " + folder, e);
        }
    }

    /**
     * A folder of the class path, as {@link Class#getResource} finds it.
     *
     * @throws IllegalArgumentException if there is none, or if it is neither on disk nor in a plain jar
     */
    static FileFolder onClassPath(Class<?> from, String folder) {
        URL url = from.getResource(folder.endsWith("/") ? folder : folder + "/");
        if (url == null) {
            throw new IllegalArgumentException("No folder " + folder + " on the class path of " + from.getName());
        }
        try {
            if (!url.getProtocol().equals("jar")) {
                return of(Path.of(url.toURI()));
            }
            JarURLConnection connection = (JarURLConnection) url.openConnection();
            return of(open(connection.getJarFileURL().toURI()).getPath(connection.getEntryName()));
        } catch (IOException | URISyntaxException | RuntimeException e) {
            throw new IllegalArgumentException("Cannot look into the folder " + url, e);
        }
    }

    private static FileSystem open(URI jar) throws IOException {
        Path path = Path.of(jar);
        synchronized (JARS) {
            FileSystem known = JARS.get(path);
            if (known == null) {
                known = FileSystems.newFileSystem(path, (ClassLoader) null);
                JARS.put(path, known);
            }
            return known;
        }
    }

    /**
     * Finds the file or folder of that name.
     *
     * @param names for each of which {@link FileNames#isServed} holds
     * @return null if there is none, or it is outside, or hidden
     */
    @Nullable
    Found find(List<String> names) {
        try {
            Path found = named(names).toRealPath();
            return isInside(found) ? new Found(found, Files.readAttributes(found, BasicFileAttributes.class)) : null;
        } catch (InvalidPathException | IOException e) {
            // Missing, too long a name, a loop of links, a file where a folder should be, a name that the system's
            // charset cannot express.
            return null;
        }
    }

    /** As {@link #find}, for names that probably do not exist: without the cost of an exception. */
    @Nullable
    Found findIfThere(List<String> names) {
        try {
            Path path = named(names);
            boolean isThere = path.getFileSystem() == FileSystems.getDefault()
                    ? path.toFile().exists()
                    : Files.exists(path);
            return isThere ? find(names) : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /**
     * The path of these names, without following links.
     *
     * @throws InvalidPathException if the system cannot write one of them
     */
    Path named(List<String> names) {
        Path path = named;
        for (String name : names) {
            path = path.resolve(name);
        }
        return path;
    }

    private boolean isInside(Path found) throws IOException {
        Path folder = real;
        if (!found.startsWith(folder)) {
            folder = named.toRealPath();
            real = folder;
            if (!found.startsWith(folder)) {
                return false;
            }
        }
        for (int i = folder.getNameCount(); i < found.getNameCount(); i++) {
            if (FileNames.isHidden(found.getName(i).toString())) {
                return false; // the target of a link, or of a short name
            }
        }
        return true;
    }
}
