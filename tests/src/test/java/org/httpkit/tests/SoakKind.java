package org.httpkit.tests;

import org.httpkit.server.FinishedExchange.Outcome;

/** What the soak's clients ask for. The path of a request is its kind's name, and what follows. */
enum SoakKind {
    /** One request after the other on a connection that is kept. */
    KEPT(Outcome.ANSWERED),
    /** Several at once. */
    PIPELINED(Outcome.ANSWERED),
    /** A body with its length declared. */
    LENGTH(Outcome.ANSWERED),
    /** A body in chunks, announced by Expect now and then. */
    CHUNKED(Outcome.ANSWERED),
    /** A body that the handler reads as it comes. */
    UPLOAD(Outcome.ANSWERED),
    /** A body that the handler makes piece by piece. */
    DOWNLOAD(Outcome.ANSWERED),
    /** A file, the larger ones through mapped memory. */
    FILE(Outcome.ANSWERED),
    /** The same on a disk that stalls. */
    STALLED(Outcome.ANSWERED),
    /** A file whose handler is interrupted when it has returned, if it ran on a thread of the loops. */
    INTERRUPTED(Outcome.ANSWERED),
    /** An answer that another thread has later. */
    LATER(Outcome.ANSWERED),
    /** Messages to and fro, compressed if that helps. */
    WEB_SOCKET(Outcome.UPGRADED),
    /** Server-sent events. */
    EVENTS(Outcome.ANSWERED),
    /** A long poll, and the requests that bring its answer. */
    POLL(Outcome.ANSWERED),
    WAKE(Outcome.ANSWERED),
    /** A head and a body that come in drops, and an answer that is read in sips. */
    SLOW(Outcome.ANSWERED),
    /** The handler throws, errors too. */
    FAILING(Outcome.ANSWERED),
    /** The body breaks off in the middle. */
    BREAKING(Outcome.CUT),
    /** Nothing that is HTTP. */
    NONSENSE(Outcome.REFUSED),
    /** The client goes away at any time. */
    ABORTED(Outcome.CUT);

    /** How the server ends such an exchange if nobody stops it. */
    final Outcome outcome;

    SoakKind(Outcome outcome) {
        this.outcome = outcome;
    }

    /** A path of this kind. */
    String path(String rest) {
        return "/" + name() + "/" + rest;
    }

    static SoakKind of(String path) {
        return valueOf(path.substring(1, path.indexOf('/', 1)));
    }
}
