package org.httpkit.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.httpkit.server.CloseReason;
import org.httpkit.server.DrainReport;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/** Records a server's reports for tests. Each list is in the order of the calls. Safe from any thread. */
public final class RecordingObserver implements ServerObserver {

    /**
     * A request refused by the server itself.
     *
     * @param status what the client received
     * @param rule the broken rule
     */
    public record Refusal(int status, String rule) {}

    /**
     * A WebSocket closed because its client broke a rule.
     *
     * @param closeCode what the client received
     * @param rule the broken rule
     */
    public record WebSocketRefusal(int closeCode, String rule) {}

    private volatile boolean wantsExchanges;
    private final List<FinishedExchange> exchanges = new CopyOnWriteArrayList<>();
    private final List<@Nullable SocketAddress> opened = new CopyOnWriteArrayList<>();
    private final List<CloseReason.Cause> closed = new CopyOnWriteArrayList<>();
    private final List<IOException> closeFailures = new CopyOnWriteArrayList<>();
    private final List<Request> webSockets = new CopyOnWriteArrayList<>();
    private final List<CloseReason> webSocketCloses = new CopyOnWriteArrayList<>();
    private final List<WebSocketRefusal> webSocketRefusals = new CopyOnWriteArrayList<>();
    private final List<Request> listenerSaturations = new CopyOnWriteArrayList<>();
    private final List<Long> slowConsumers = new CopyOnWriteArrayList<>();
    private final List<Duration> givenUp = new CopyOnWriteArrayList<>();
    private final List<Long> inputSheds = new CopyOnWriteArrayList<>();
    private final List<Long> sheds = new CopyOnWriteArrayList<>();
    private final List<Integer> drains = new CopyOnWriteArrayList<>();
    private final List<DrainReport> drainReports = new CopyOnWriteArrayList<>();
    private final List<Throwable> handlerFailures = new CopyOnWriteArrayList<>();
    private final List<Throwable> pageFailures = new CopyOnWriteArrayList<>();
    private final List<Integer> statuses = new CopyOnWriteArrayList<>();
    private final List<Refusal> refusals = new CopyOnWriteArrayList<>();
    private final List<Request> saturations = new CopyOnWriteArrayList<>();
    private final List<IOException> acceptFailures = new CopyOnWriteArrayList<>();
    private final List<Integer> exhaustions = new CopyOnWriteArrayList<>();
    private final List<InetAddress> refusedClients = new CopyOnWriteArrayList<>();
    private final List<Throwable> loopFailures = new CopyOnWriteArrayList<>();

    /** A recorder of nothing so far. */
    public RecordingObserver() {}

    /** Makes the server report the outcome of each request that begins from now on. */
    public void recordExchanges() {
        wantsExchanges = true;
    }

    /** The outcome of each request, if outcomes are recorded. */
    public List<FinishedExchange> exchanges() {
        return List.copyOf(exchanges);
    }

    /** The other ends of the connections that were opened. */
    public List<@Nullable SocketAddress> opened() {
        return new ArrayList<>(opened);
    }

    /** Why connections were closed. */
    public List<CloseReason.Cause> closed() {
        return List.copyOf(closed);
    }

    /** The failures of closes. */
    public List<IOException> closeFailures() {
        return List.copyOf(closeFailures);
    }

    /** The requests that became WebSockets. */
    public List<Request> webSockets() {
        return List.copyOf(webSockets);
    }

    /** Why WebSockets were closed. */
    public List<CloseReason> webSocketCloses() {
        return List.copyOf(webSocketCloses);
    }

    /** The WebSockets closed for a broken rule. */
    public List<WebSocketRefusal> webSocketRefusals() {
        return List.copyOf(webSocketRefusals);
    }

    /** The channels for whose listeners the worker had no room. */
    public List<Request> listenerSaturations() {
        return List.copyOf(listenerSaturations);
    }

    /** How many bytes waited for clients when their channels were closed because of them. */
    public List<Long> slowConsumers() {
        return List.copyOf(slowConsumers);
    }

    /** How many bytes waited for clients when their connections were closed because all together held too much. */
    public List<Long> sheds() {
        return List.copyOf(sheds);
    }

    /** How long connections had been idle that the server gave up for new ones. */
    public List<Duration> givenUp() {
        return List.copyOf(givenUp);
    }

    /**
     * How many bytes were held for connections that were ended because all together, or one client's, held too much.
     */
    public List<Long> inputSheds() {
        return List.copyOf(inputSheds);
    }

    /** How many connections were open each time the server began to stop. */
    public List<Integer> drains() {
        return List.copyOf(drains);
    }

    /** How stops ended. */
    public List<DrainReport> drainReports() {
        return List.copyOf(drainReports);
    }

    /** The exceptions of handlers and bodies. */
    public List<Throwable> handlerFailures() {
        return List.copyOf(handlerFailures);
    }

    /** Failures of pages for errors. */
    public List<Throwable> pageFailures() {
        return List.copyOf(pageFailures);
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

    /** The failures of accepting. */
    public List<IOException> acceptFailures() {
        return List.copyOf(acceptFailures);
    }

    /** How many connections were open each time the server accepted no more. */
    public List<Integer> exhaustions() {
        return List.copyOf(exhaustions);
    }

    /** The clients whose connections were refused. */
    public List<InetAddress> refusedClients() {
        return List.copyOf(refusedClients);
    }

    /** The failures inside the server. Mostly this should be empty. */
    public List<Throwable> loopFailures() {
        return List.copyOf(loopFailures);
    }

    /** Returns and forgets these failures, for a test that has provoked them. */
    public List<Throwable> takeLoopFailures() {
        List<Throwable> taken = List.copyOf(loopFailures);
        loopFailures.clear();
        return taken;
    }

    @Override
    public boolean wantsExchanges() {
        return wantsExchanges;
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        exchanges.add(exchange);
    }

    @Override
    public void connectionOpened(@Nullable SocketAddress peer) {
        opened.add(peer);
    }

    @Override
    public void connectionClosed(@Nullable SocketAddress peer, CloseReason.Cause cause) {
        closed.add(cause);
    }

    @Override
    public void closeFailed(IOException cause) {
        closeFailures.add(cause);
    }

    @Override
    public void webSocketOpened(Request request) {
        webSockets.add(request);
    }

    @Override
    public void webSocketClosed(Request request, CloseReason reason) {
        webSocketCloses.add(reason);
    }

    @Override
    public void webSocketRefused(Request request, int closeCode, String rule) {
        webSocketRefusals.add(new WebSocketRefusal(closeCode, rule));
    }

    @Override
    public void listenerSaturated(Request request) {
        listenerSaturations.add(request);
    }

    @Override
    public void slowConsumerClosed(Request request, long queuedBytes) {
        slowConsumers.add(queuedBytes);
    }

    @Override
    public void connectionGivenUp(@Nullable SocketAddress peer, Duration idle) {
        givenUp.add(idle);
    }

    @Override
    public void inputShed(@Nullable SocketAddress peer, long heldBytes) {
        inputSheds.add(heldBytes);
    }

    @Override
    public void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        sheds.add(queuedBytes);
    }

    @Override
    public void drainBegun(int openConnections) {
        drains.add(openConnections);
    }

    @Override
    public void drainEnded(DrainReport report) {
        drainReports.add(report);
    }

    @Override
    public void pageFailed(int status, @Nullable Request request, Throwable failure) {
        pageFailures.add(failure);
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
