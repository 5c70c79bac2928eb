package org.httpkit.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/** Keeps what a server told it, for tests to look at. Every list is in the order of the calls. Safe from any thread. */
public final class RecordingObserver implements ServerObserver {

    /**
     * A request refused by the server itself.
     *
     * @param status what the client was told
     * @param rule the broken rule
     */
    public record Refusal(int status, String rule) {}

    private final List<Throwable> handlerFailures = new CopyOnWriteArrayList<>();
    private final List<Integer> statuses = new CopyOnWriteArrayList<>();
    private final List<Refusal> refusals = new CopyOnWriteArrayList<>();
    private final List<Request> saturations = new CopyOnWriteArrayList<>();
    private final List<IOException> acceptFailures = new CopyOnWriteArrayList<>();
    private final List<Integer> exhaustions = new CopyOnWriteArrayList<>();
    private final List<InetAddress> refusedClients = new CopyOnWriteArrayList<>();
    private final List<Throwable> loopFailures = new CopyOnWriteArrayList<>();

    /** A recorder of nothing so far. */
    public RecordingObserver() {}

    /** What handlers and bodies threw. */
    public List<Throwable> handlerFailures() {
        return List.copyOf(handlerFailures);
    }

    /** The statuses of all final responses. */
    public List<Integer> statuses() {
        return List.copyOf(statuses);
    }

    /** The requests the server refused by itself. */
    public List<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    /** The requests the worker had no room for. */
    public List<Request> saturations() {
        return List.copyOf(saturations);
    }

    /** What accepting failed for. */
    public List<IOException> acceptFailures() {
        return List.copyOf(acceptFailures);
    }

    /** How many connections were open each time no more were accepted. */
    public List<Integer> exhaustions() {
        return List.copyOf(exhaustions);
    }

    /** The clients of which a connection was refused. */
    public List<InetAddress> refusedClients() {
        return List.copyOf(refusedClients);
    }

    /** What failed inside the server. Mostly this should be empty. */
    public List<Throwable> loopFailures() {
        return List.copyOf(loopFailures);
    }

    @Override
    public void handlerFailed(Request request, Throwable failure) {
        handlerFailures.add(failure);
    }

    @Override
    public void responded(@Nullable Request request, int status) {
        statuses.add(status);
    }

    @Override
    public void refused(int status, String rule) {
        refusals.add(new Refusal(status, rule));
    }

    @Override
    public void workerSaturated(Request request) {
        saturations.add(request);
    }

    @Override
    public void acceptFailed(IOException cause) {
        acceptFailures.add(cause);
    }

    @Override
    public void connectionsExhausted(int open) {
        exhaustions.add(open);
    }

    @Override
    public void connectionRefused(InetAddress client) {
        refusedClients.add(client);
    }

    @Override
    public void loopFailed(Throwable failure) {
        loopFailures.add(failure);
    }
}
