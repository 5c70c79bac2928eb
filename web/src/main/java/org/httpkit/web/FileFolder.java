package org.httpkit.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A folder and its real content: whatever links and names say, it finds nothing outside. Safe from any thread.
 *
 * <p>The real path decides, element by element, when the names are looked up: a program that may write into the folder
 * can still replace a file by a link before the file is opened.
 */
final class FileFolder {
    /** Jars that contain folders of the class path; they stay open, as the JVM needs them in any case. */
    private static final Map<Path, Jar> JARS = new HashMap<>();

    /**
     * A jar. The file system has the names in memory, and is asked for nothing else: it reads through one channel, which
     * an interrupt of any reader closes for all. The option {@code zipinfo-time} keeps it from reading more exact times
     * through that channel.
     */
    private record Jar(FileSystem names, ZipFile contents) {
        static Jar open(Path path) throws IOException {
            ZipFile contents = new ZipFile(path.toFile());
            return new Jar(FileSystems.newFileSystem(path, Map.of("zipinfo-time", "false"), null), contents);
        }
    }

    /** A file or folder that was found; {@code path} has no link in it. */
    record Found(Path path, BasicFileAttributes attributes) {}

    private final Path named;
    /** The real path of {@link #named} at the last look: it may be a link that a deployment has changed. */
    private volatile Path real;
    /** Null unless the folder is in a jar of the class path. */
    private final @Nullable ZipFile contents;

    private FileFolder(Path named, Path real, @Nullable ZipFile contents) {
        this.named = named;
        this.real = real;
        this.contents = contents;
    }

    /**
     * A folder of the file system.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    static FileFolder of(Path folder) {
        return of(folder, null);
    }

    private static FileFolder of(Path folder, @Nullable ZipFile contents) {
        try {
            Path real = folder.toRealPath();
            if (Files.isDirectory(real)) {
                return new FileFolder(folder.toAbsolutePath(), real, contents);
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
            Jar jar = open(connection.getJarFileURL().toURI());
            return of(jar.names.getPath(connection.getEntryName()), jar.contents);
        } catch (IOException | URISyntaxException | RuntimeException e) {
            throw new IllegalArgumentException("Cannot look into the folder " + url, e);
        }
    }

    private static Jar open(URI jar) throws IOException {
        Path path = Path.of(jar);
        synchronized (JARS) {
            Jar known = JARS.get(path);
            if (known == null) {
                known = Jar.open(path);
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
        return named.resolve(String.join("/", names)); // at once: each resolving copies the path
    }

    /** Whether its files are those of the system, which the server can send without reading them. */
    boolean isOnDisk() {
        return named.getFileSystem() == FileSystems.getDefault();
    }

    /** Opens a file that was found. */
    InputStream open(Path file) throws IOException {
        if (contents == null) {
            return Files.newInputStream(file);
        }
        ZipEntry entry = contents.getEntry(file.toString().substring(1)); // without the slash of the root
        if (entry == null) {
            throw new NoSuchFileException(file.toString());
        }
        return contents.getInputStream(entry);
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
