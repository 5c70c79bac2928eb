package org.httpkit.testkit.simulation;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/** Records why each connection was closed, once for each, by the number that is its port. */
final class Endings implements ServerObserver {
    private final Map<Integer, CloseReason.Cause> causes = new HashMap<>();
    private final Map<Integer, Long> shed = new HashMap<>();
    private final Set<Integer> inputShed = new HashSet<>();

    private final SimulatedFiles files;
    private @Nullable AssertionError fault;

    Endings(SimulatedFiles files) {
        this.files = files;
    }

    /**
     * Checks what must hold at any time.
     *
     * @throws AssertionError that a listener of ours has thrown
     */
    void verifySoFar() {
        if (fault != null) {
            throw fault;
        }
    }

    /** Why the connection was closed; null if no report came. */
    CloseReason.@Nullable Cause cause(int id) {
        return causes.get(id);
    }

    /** How many bytes waited for a connection that was closed because too much waited for all; null for others. */
    @Nullable
    Long shedBytes(int id) {
        return shed.get(id);
    }

    int shedCount() {
        return shed.size();
    }

    @Override
    public void connectionClosed(@Nullable SocketAddress peer, CloseReason.Cause cause) {
        if (causes.put(port(peer), cause) != null) {
            throw new AssertionError("A close was told twice");
        }
    }

    boolean isInputShed(int id) {
        return inputShed.contains(id);
    }

    int inputShedCount() {
        return inputShed.size();
    }

    @Override
    public void inputShed(@Nullable SocketAddress peer, long heldBytes) {
        inputShed.add(port(peer));
    }

    @Override
    public void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        if (shed.put(port(peer), queuedBytes) != null) {
            throw new AssertionError("A connection was shed twice");
        }
    }

    /** Does nothing: the simulation is about handlers that fail and clients that misbehave. */
    @Override
    public void handlerFailed(Request request, Throwable failure) {
        if (failure instanceof AssertionError found) {
            fault = found;
        }
        files.failed(request.path());
    }

    @Override
    public void refused(int status, String rule) {}

    @Override
    public void webSocketRefused(Request request, int closeCode, String rule) {}

    private static int port(@Nullable SocketAddress peer) {
        return ((InetSocketAddress) Objects.requireNonNull(peer)).getPort();
    }
}
