package org.httpkit.testkit.simulation;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.httpkit.testkit.PlayedChannel;
import org.httpkit.testkit.PlayedFileSystem;

/** A file that is requested once, on a disk that may fail; its use decides the expected outcome. */
final class SimulatedFile implements PlayedFileSystem.Disk {
    /** What is wrong with a file. */
    enum Fault {
        NONE(200),
        MISSING(404),
        UNOPENABLE(500),
        UNMEASURABLE(500),
        /** It becomes shorter some time after it was opened, perhaps while it is sent. */
        CUT(200),
        /** From some byte on it cannot be read. */
        UNREADABLE(200);

        /** The status of the answer for a long file. */
        final int status;

        Fault(int status) {
            this.status = status;
        }
    }

    /** Up to this size the server reads a file itself, rather than have the system send it. */
    private static final int READ_BYTES = 8 * 1024;

    private static final FileTime MODIFIED = FileTime.fromMillis(1_767_323_045_678L);

    private static final Path NAME = Path.of("/simulated/file.txt");

    final Path path = PlayedFileSystem.path(NAME, this);
    final Fault fault;
    private final Schedule schedule;
    private final byte[] content;
    /** Where the fault is, if it is at a place. */
    private final int faultPosition;

    private int length;
    /** The position up to which the server got it. */
    private int sent;

    private int opened;
    private int closed;
    private boolean broken;
    private int failuresTold;

    SimulatedFile(String id, Schedule schedule) {
        this.schedule = schedule;
        Fault[] faults = Fault.values();
        this.fault = schedule.oneIn(3) ? faults[schedule.random().nextInt(faults.length)] : Fault.NONE;
        String line = id + "\n";
        this.content = line.repeat(1 + schedule.random().nextInt(schedule.oneIn(4) ? 3000 : 50))
                .getBytes(StandardCharsets.ISO_8859_1);
        this.length = content.length;
        this.faultPosition = schedule.random().nextInt(length);
    }

    /** The status of the answer: the server reads a short file before the answer begins. */
    int status() {
        return fault == Fault.UNREADABLE && isShort() ? 500 : fault.status;
    }

    private boolean isShort() {
        return content.length <= READ_BYTES;
    }

    String text() {
        return new String(content, StandardCharsets.ISO_8859_1);
    }

    /** Whether it could not be sent to its end. */
    boolean isBroken() {
        return broken;
    }

    /** Is called when the observer has reported that its request failed. */
    void failed() {
        failuresTold++;
    }

    /**
     * Compares its outcome with the reports.
     *
     * @param answered whether the client has received the answer, or as much of it as possible
     * @throws AssertionError if it is wrong
     */
    void verify(boolean answered) {
        int failures = broken || status() == 500 ? 1 : 0;
        if (failuresTold > failures || (answered && failuresTold < failures)) {
            throw new AssertionError("A file with the fault " + fault + ", broken: " + broken
                    + ", was told to have failed " + failuresTold + " times");
        }
    }

    /** To be called when all is over. */
    void verifyClosed() {
        verify(false);
        if (opened != closed) {
            throw new AssertionError("A file with the fault " + fault + " was left open");
        }
        if (opened > 0) {
            schedule.tally.add(broken ? Happening.FILE_BROKEN : Happening.FILE_OPENED);
        }
    }

    // ---- for the server

    @Override
    public BasicFileAttributes look() throws IOException {
        if (fault == Fault.MISSING) {
            throw new NoSuchFileException("file.txt");
        }
        long now = length;
        return (BasicFileAttributes) Proxy.newProxyInstance(
                SimulatedFile.class.getClassLoader(),
                new Class<?>[] {BasicFileAttributes.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "isRegularFile" -> true;
                    case "size" -> now;
                    case "lastModifiedTime" -> MODIFIED;
                    case "fileKey" -> null;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @Override
    public FileChannel open() throws IOException {
        if (fault == Fault.UNOPENABLE) {
            throw new IOException("Too many open files");
        }
        opened++;
        if (fault == Fault.CUT) {
            schedule.after(schedule.random().nextInt(400_000), this::cut);
        }
        return new Channel();
    }

    private void cut() {
        length = faultPosition;
        broken = closed == 0 && sent < content.length;
    }

    private final class Channel extends PlayedChannel {
        @Override
        public long size() throws IOException {
            if (fault == Fault.UNMEASURABLE) {
                throw new IOException("Input/output error");
            }
            return length;
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            if (position != sent) {
                throw new AssertionError("Byte " + position + " of a file is sent behind the " + sent + " first ones");
            }
            int readable = (int) Math.min(count, readableFrom((int) position));
            int taken = readable <= 0 ? 0 : target.write(ByteBuffer.wrap(content, sent, readable));
            sent += taken;
            return taken;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            int readable = Math.min(into.remaining(), readableFrom((int) position));
            if (readable <= 0) {
                return -1;
            }
            into.put(content, (int) position, readable);
            sent = Math.max(sent, (int) position + readable); // what was read can be sent
            return readable;
        }

        private int readableFrom(int position) throws IOException {
            if (fault != Fault.UNREADABLE) {
                return length - position;
            }
            if (position >= faultPosition) {
                broken = !isShort();
                throw new IOException("Input/output error");
            }
            return faultPosition - position;
        }

        @Override
        protected void implCloseChannel() {
            closed++;
        }

        /** Only of files much longer than these. */
        @Override
        public MappedByteBuffer map(MapMode mode, long position, long count) {
            throw new UnsupportedOperationException();
        }
    }
}
