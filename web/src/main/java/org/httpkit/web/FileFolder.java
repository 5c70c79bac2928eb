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
 * A folder, and what is really in it: whatever links and names say, nothing outside of it is found. Safe from any thread.
 *
 * <p>What decides is the real path, element by element. It decides about the names that were asked for: a program that may write into the
 * folder can still put a link in the place of a file between the look and the opening.
 */
final class FileFolder {
    /** Jars that folders of the class path are in; they stay open, as the JVM needs them anyway. */
    private static final Map<Path, FileSystem> JARS = new ConcurrentHashMap<>();

    /** What was found; {@code path} has no link in it. */
    record Found(Path path, BasicFileAttributes attributes) {}

    private final Path named;
    /** The real path of {@link #named} when somebody last looked: it may be a link that a deployment has changed. */
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
     * @throws IllegalArgumentException if there is none, or one that is neither on disk nor in a jar of its own
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
     * The file or folder of that name.
     *
     * @param names each of which {@link FileNames#isServed}
     * @return null if there is none, none that is inside, or a hidden one
     */
    @Nullable
    Found find(List<String> names) {
        try {
            Path found = named(names).toRealPath();
            return isInside(found) ? new Found(found, Files.readAttributes(found, BasicFileAttributes.class)) : null;
        } catch (InvalidPathException | IOException e) {
            // Missing, too long a name, a loop of links, a file where a folder should be, a name that the system's
            // charset has not.
            return null;
        }
    }

    /** As {@link #find}, where it is likely that there is none: without the cost of an exception. */
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
     * Where these names lead, links not followed.
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
                return false; // what a link leads to, or a short name stands for
            }
        }
        return true;
    }
}
