package org.httpkit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.tls.TlsContext;
import org.httpkit.server.Tls;
import org.jspecify.annotations.Nullable;

/**
 * Loads the certificates of a server, and reloads them when their files change, if that is wanted. Safe from any
 * thread.
 */
final class Certificates {
    private static final long LOOK_SECONDS = 1;

    /** Names the file that is of no use, and the reason. */
    static final class UselessException extends IOException {
        private static final long serialVersionUID = 1;

        UselessException(Exception cause) {
            super("TLS cannot be used: " + cause.getMessage(), cause);
        }
    }

    private final ServerContext context;
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable Tls watched;
    private boolean watching;
    /** The stamps of files that were of no use, of which the observer knows. */
    private List<String> useless = List.of();
    /** Whether the last look failed, of which the observer knows. */
    private boolean failing;

    Certificates(ServerContext context) {
        this.context = context;
    }

    /**
     * Loads the certificates as described; handshakes use them from now on.
     *
     * @throws UselessException if a file is of no use; then nothing has changed
     */
    synchronized void use(@Nullable Tls tls) throws UselessException {
        List<String> seen = tls == null ? List.of() : stampsOf(tls);
        context.useTls(load(tls));
        watched = tls != null && tls.isWatched() ? tls : null;
        if (watched != null && !watching) {
            Thread thread = new Thread(() -> watch(seen), "httpkit-certificates");
            thread.setDaemon(true);
            thread.start();
            watching = true; // not before: the system may have no thread
        }
    }

    private static @Nullable TlsContext load(@Nullable Tls tls) throws UselessException {
        try {
            return tls == null ? null : TlsContext.load(tls);
        } catch (IOException | RuntimeException e) {
            throw new UselessException(e);
        }
    }

    /** Ends the watch. */
    void end() {
        ended.countDown();
    }

    private void watch(List<String> loaded) {
        List<String> before = loaded;
        try {
            while (!ended.await(LOOK_SECONDS, TimeUnit.SECONDS)) {
                before = lookOrReport(before);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the interrupting thread wants no more checks
        }
    }

    /** As {@link #look}; whatever fails, a file system of the application's for example, the next look may succeed. */
    private synchronized List<String> lookOrReport(List<String> before) {
        try {
            List<String> now = look(before);
            failing = false;
            return now;
        } catch (RuntimeException | Error e) {
            if (!failing) { // not each second
                failing = true;
                context.observer().loopFailed(e);
            }
            return before;
        }
    }

    /**
     * Reloads the files if their stamps differ from before; returns the stamps of those in use. Files of no use are
     * tried again at each look: they may become readable without another stamp, when their owner changes for example.
     */
    private List<String> look(List<String> before) {
        Tls tls = watched;
        if (tls == null) {
            return before;
        }
        List<String> now = stampsOf(tls);
        if (now.equals(before)) {
            return before;
        }
        try {
            context.useTls(load(tls));
        } catch (UselessException e) {
            if (!now.equals(useless)) {
                useless = now;
                context.observer().certificatesNotReloaded(e);
            }
            return before;
        }
        useless = List.of();
        context.observer().certificatesReloaded();
        return now;
    }

    /** Stamps that change with the files' content; a missing file has none. */
    private static List<String> stampsOf(Tls tls) {
        List<String> stamps = new ArrayList<>();
        for (Path file : tls.files()) {
            try {
                BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.add(now.lastModifiedTime() + " " + now.size() + " " + now.fileKey());
            } catch (IOException e) {
                stamps.add("");
            }
        }
        return stamps;
    }
}
