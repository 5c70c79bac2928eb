package org.httpkit.internal.net;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The file of the Unix domain socket that a server listens on. Immutable.
 *
 * <p>It is created in a private folder, receives its permissions there, and only then its name, by a hard link, which
 * never replaces another file. So no client connects before the permissions are right, and of two servers that start at
 * once, one is refused.
 */
public final class SocketFile {
    private static final int SOCKET_KIND = 0xC;
    private static final String NAME_IN_PRIVATE = "s";
    private static final int NAMES_TRIED = 100;

    private final Path path;
    /** Distinguishes the file from a later one with the same name; null if the file system has no such key. */
    private final @Nullable Object key;

    private SocketFile(Path path) throws IOException {
        this.path = path;
        this.key = keyOf(path);
    }

    /**
     * Binds the listener, which then listens under that name.
     *
     * @param permissions null for the process's default for new files
     * @throws IOException also if another file has the name: one of another kind, or a socket that may be alive
     */
    public static SocketFile bind(
            ServerSocketChannel listener, Path path, @Nullable Set<PosixFilePermission> permissions, int backlog)
            throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            if (permissions != null) {
                throw new IOException("permissions of the socket file are not supported on this system");
            }
            listener.bind(UnixDomainSocketAddress.of(path), backlog);
            return new SocketFile(path);
        }
        Path folder = makePrivateFolder(path);
        Path made = folder.resolve(NAME_IN_PRIVATE);
        try {
            listener.bind(UnixDomainSocketAddress.of(made), backlog);
            if (permissions != null) {
                Files.setPosixFilePermissions(made, permissions);
            }
            if (!giveName(made, path)) {
                replaceDead(made, path);
            }
            return new SocketFile(path);
        } finally {
            Files.deleteIfExists(made);
            Files.delete(folder);
        }
    }

    /**
     * Removes the file, unless another file has its name. To be called while the listener is still open: no other
     * server takes the name of a live socket.
     */
    public void remove() {
        try {
            if (Objects.equals(key, keyOf(path))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // It was removed before, or it is dead now and the next start replaces it.
        }
    }

    /**
     * Makes a folder beside the socket file, so on its file system, and with a short name: a socket's path has at most
     * about 100 bytes.
     */
    private static Path makePrivateFolder(Path path) throws IOException {
        SplittableRandom random = new SplittableRandom();
        for (int i = 1; ; i++) {
            Path folder = path.resolveSibling(".k" + Integer.toString(random.nextInt(36 * 36 * 36 * 36), 36));
            try {
                return Files.createDirectory(folder, ownerOnly("rwx------"));
            } catch (FileAlreadyExistsException e) {
                if (i == NAMES_TRIED) {
                    throw e;
                }
            } catch (FileSystemException e) {
                throw new IOException(obstacle(path.toAbsolutePath().getParent(), e), e);
            }
        }
    }

    /** Returns why no folder can be made in this one. The message names the folder that the caller knows. */
    private static String obstacle(@Nullable Path folder, FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no folder " + folder;
        }
        String reason = e instanceof AccessDeniedException ? "no right to write there" : e.getReason();
        return "no file can be made in the folder " + folder + ": " + reason;
    }

    /** Returns false if there is a file with this name. */
    private static boolean giveName(Path made, Path path) throws IOException {
        try {
            Files.createLink(path, made);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /**
     * Takes the name from a dead socket. Between the check and the removal, another server could do so too, and its
     * live socket would be removed; so only the holder of a lock does it. The lock's file is deleted afterwards, so a
     * holder checks that its lock is on the current file.
     */
    private static void replaceDead(Path made, Path path) throws IOException {
        Path lockFile = path.resolveSibling("." + path.getFileName() + ".lock");
        try (FileChannel lock =
                FileChannel.open(lockFile, Set.of(CREATE, READ, WRITE, NOFOLLOW_LINKS), ownerOnly("rw-------"))) {
            if (lock.tryLock() == null || !isStillNamed(lockFile, lock)) {
                throw anotherStarts();
            }
            try {
                requireDead(path);
                Files.deleteIfExists(path);
                if (!giveName(made, path)) {
                    throw anotherStarts();
                }
            } finally {
                Files.deleteIfExists(lockFile);
            }
        } catch (OverlappingFileLockException e) {
            throw anotherStarts();
        }
    }

    private static boolean isStillNamed(Path file, FileChannel channel) throws IOException {
        String mark = UUID.randomUUID().toString();
        channel.truncate(0).write(ByteBuffer.wrap(mark.getBytes(StandardCharsets.US_ASCII)));
        try {
            return Files.readString(file).equals(mark);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void requireDead(Path path) throws IOException {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS);
            if (mode >>> 12 != SOCKET_KIND) {
                throw new IOException("the file is there already, and is not a socket");
            }
        } catch (NoSuchFileException e) {
            return; // gone in the meantime
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // a server whose backlog is full would block this connect
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException refused) {
            return; // once closed, a socket never comes back to life
        } catch (IOException e) {
            throw new IOException("cannot tell whether another server listens there: " + e.getMessage(), e);
        }
        throw new IOException("another server listens there");
    }

    private static FileAttribute<Set<PosixFilePermission>> ownerOnly(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private static IOException anotherStarts() {
        return new IOException("another server is just starting there");
    }

    private static @Nullable Object keyOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS)
                .fileKey();
    }
}
