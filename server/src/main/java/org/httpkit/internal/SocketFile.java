package org.httpkit.internal;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The file of a Unix domain socket: a stale one is removed before binding, ours when the server stops. */
final class SocketFile {
    private final Path path;

    private SocketFile(Path path) {
        this.path = path;
    }

    /**
     * Makes way for binding; null if the address has no file. Only a socket that nobody listens on is removed: a file of another
     * kind, or a socket in use, is left for the bind to fail on.
     */
    static @Nullable SocketFile prepare(SocketAddress address) throws IOException {
        if (!(address instanceof UnixDomainSocketAddress unix)) {
            return null;
        }
        Path path = unix.getPath();
        if (isSocket(path) && !isAnswered(unix)) {
            Files.deleteIfExists(path);
        }
        return new SocketFile(path);
    }

    void remove() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // It is stale now, and the next start replaces it.
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) >>> 12 == 0xC;
    }

    private static boolean isAnswered(UnixDomainSocketAddress address) {
        try (SocketChannel probe = SocketChannel.open(address)) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
