package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LinkTest {
    private static final int LOOKS = 2_000_000;

    /** A loop that has no thread for what may wait for a disk. */
    private static final class ThreadlessLoop extends FakeLoop {
        @Override
        public void runBlocking(Runnable task) {
            throw new OutOfMemoryError("unable to create native thread");
        }

        @Override
        public void report(Throwable failure) {}
    }

    @TempDir
    private Path folder;

    @Test
    void itsClientIsKnownToAnyThreadWhileTheLoopHoldsItsInput() throws Exception {
        Link link = new Link(new FakeLoop(), new FakeWire());
        link.start(new IgnoringProtocol());
        ClientCounts.Count client = Objects.requireNonNull(
                new ClientCounts().tryEnter(InetAddress.getLoopbackAddress(), Integer.MAX_VALUE));
        link.clientCount(client);
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> looks = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < LOOKS; i++) {
                assertThat(link.clientCount() == client).isTrue();
            }
        });
        looks.whenComplete((done, failure) -> over.set(true));

        while (!over.get()) {
            link.holds(1, true);
            link.holdsNothing();
        }

        assertThat(looks).isCompleted();
    }

    @Test
    void closesSoonUnlessThatIsUnwantedWhenTheLoopComesToIt() {
        FakeLoop loop = new FakeLoop();
        Link link = new Link(loop, new FakeWire());
        link.start(new IgnoringProtocol());
        AtomicBoolean unwanted = new AtomicBoolean();

        link.closeSoonUnless(unwanted::get, new IOException("late"));
        unwanted.set(true);
        loop.runCommands();
        assertThat(link.isClosed()).isFalse();

        link.closeSoonUnless(() -> false, new IOException("now"));
        loop.runCommands();
        assertThat(link.isClosed()).isTrue();
    }

    @Test
    void closesIfThereIsNoThreadForItsFile() throws IOException {
        FakeLoop loop = new ThreadlessLoop();
        Link link = new Link(loop, new FakeWire());
        link.start(new IgnoringProtocol());
        Path path = Files.write(folder.resolve("file"), new byte[100_000]);
        FileChannel file = FileChannel.open(path);

        loop.run(() -> link.send(FileSegment.of(path, file, 100_000, fault -> {})));
        loop.runCommands();

        assertThat(link.isClosed()).isTrue();
        assertThat(link.isDrained()).isTrue();
        assertThat(file.isOpen()).isFalse();
        assertThat(loop.backlog().links()).isZero();
    }
}
