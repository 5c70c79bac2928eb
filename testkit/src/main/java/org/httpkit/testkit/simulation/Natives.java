package org.httpkit.testkit.simulation;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** Finds the inflaters and deflaters of WebSockets, and checks that each is ended: no collector frees their memory. */
final class Natives {
    private static final Part CARRIER = new Part("carrier");
    private static final Part MESSAGE_DEFLATER = new Part("deflater");
    private static final Part DEFLATER = new Part("deflater");
    private static final Part CONNECTION = new Part("connection");
    private static final Part MESSAGE_INFLATER = new Part("inflater");
    private static final Part INFLATER = new Part("inflater");
    private static final Part STATE = new Part("state");
    private static final Part UNFINISHED = new Part("unfinished");
    private static final Part DECODER = new Part("decoder");
    private static final Part MESSAGE_TYPE = new Part("messageType");

    private final List<Object> channels = new ArrayList<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private int next;

    void opened(Object channel) {
        channels.add(channel);
    }

    /** Looks at one of the channels. */
    void look() {
        if (!channels.isEmpty()) {
            next = (next + 1) % channels.size();
            look(channels.get(next));
        }
    }

    /** To be called when all is over. */
    void verify() {
        channels.forEach(this::look);
        for (Object each : seen) {
            if (!isEnded(each)) {
                throw new AssertionError("Nobody has ended " + each);
            }
        }
    }

    private void look(Object channel) {
        Object carrier = CARRIER.of(channel);
        note(DEFLATER.of(MESSAGE_DEFLATER.of(carrier)));
        Object connection = CONNECTION.of(carrier);
        Object inflater = INFLATER.of(MESSAGE_INFLATER.of(connection));
        note(inflater);
        if (inflater != null && isBetweenMessages(connection)) {
            throw new AssertionError("A connection without context keeps its inflater between messages");
        }
    }

    private static boolean isBetweenMessages(@Nullable Object connection) {
        return "OPEN".equals(String.valueOf(STATE.of(connection)))
                && MESSAGE_TYPE.of(DECODER.of(UNFINISHED.of(connection))) == null;
    }

    private void note(@Nullable Object found) {
        if (found != null) {
            seen.add(found);
        }
    }

    private static boolean isEnded(Object each) {
        try {
            if (each instanceof Deflater deflater) {
                deflater.getBytesRead();
            } else {
                ((Inflater) each).getBytesRead();
            }
            return false;
        } catch (NullPointerException | IllegalStateException ended) { // the one up to JDK 24, the other later
            return true;
        }
    }

    /** A field that all owners of one class have, or inherit. */
    private static final class Part {
        private final String name;
        private volatile @Nullable Field field;

        Part(String name) {
            this.name = name;
        }

        @Nullable
        Object of(@Nullable Object owner) {
            if (owner == null) {
                return null;
            }
            try {
                Field known = field;
                if (known == null) {
                    known = fieldOf(owner.getClass());
                    known.setAccessible(true);
                    field = known;
                }
                return known.get(owner);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("What " + owner.getClass() + " is made of has changed", e);
            }
        }

        private Field fieldOf(Class<?> type) throws NoSuchFieldException {
            try {
                return type.getDeclaredField(name);
            } catch (NoSuchFieldException e) {
                if (type.getSuperclass() == Object.class) {
                    throw e;
                }
                return fieldOf(type.getSuperclass());
            }
        }
    }
}
