package org.httpkit.server;

import java.util.Map;

/**
 * A server's figures at one moment, counted since it started. Immutable. The server reads the figures one after the other, so
 * they may not match exactly.
 *
 * @param connectionsOpen connections open now
 * @param connectionsAccepted connections accepted
 * @param acceptFailures attempts to accept that failed, mostly for want of file descriptors
 * @param exchangesRunning requests that have arrived and are not answered in full; the figures for responses include all other
 *     requests
 * @param webSocketsOpen WebSockets that are open now
 * @param workerQueued handlers and calls to listeners that wait for a thread of the worker: 0 if its threads are virtual, -1 if the
 *     worker is an executor of the application that does not reveal the number
 * @param queuedBytes bytes that wait for clients to take what came before
 * @param heldBytes bytes that the server holds of requests and messages that cannot be used yet, including bookkeeping, as {@link
 *     HttpServer.Builder#maxReceivedBytesTotal} counts them
 * @param requests requests whose head has arrived
 * @param responses2xx final responses with a status of 200 to 299, and upgrades to WebSocket
 * @param responses3xx final responses with a status of 300 to 399
 * @param responses4xx final responses with a status of 400 to 499
 * @param responses5xx final responses with a status of 500 to 599
 * @param bytesRead bytes read from sockets
 * @param bytesWritten bytes written to sockets
 * @param handshakesFull TLS handshakes that agreed on new keys
 * @param handshakesResumed TLS handshakes that went on with an earlier session
 * @param handshakesFailed TLS handshakes that failed, or took too long
 * @param streamsOpen streams of HTTP/2 that are open now
 * @param streamsOpened streams of HTTP/2 that clients have opened
 * @param streamsResetByClients streams that their clients have reset
 * @param streamsResetByServer streams that the server has reset: those that broke a rule, and those whose answers broke off
 * @param streamsHeldBack how often an answer, or a part of one, had to wait because its client had left no room in a window
 * @param closes connections closed, by cause; every cause is there
 */
public record ServerStats(
        int connectionsOpen,
        long connectionsAccepted,
        long acceptFailures,
        long exchangesRunning,
        int webSocketsOpen,
        int workerQueued,
        long queuedBytes,
        long heldBytes,
        long requests,
        long responses2xx,
        long responses3xx,
        long responses4xx,
        long responses5xx,
        long bytesRead,
        long bytesWritten,
        long handshakesFull,
        long handshakesResumed,
        long handshakesFailed,
        int streamsOpen,
        long streamsOpened,
        long streamsResetByClients,
        long streamsResetByServer,
        long streamsHeldBack,
        Map<CloseReason.Cause, Long> closes) {}
