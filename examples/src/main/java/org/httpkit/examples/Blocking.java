package org.httpkit.examples;

import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.Worker;

/** Blocks, as a query to a database does. It runs on a thread of the worker, so no other client waits. */
final class Blocking implements Handler {

    /** Threads for a server whose handlers block on purpose: virtual ones, if the JDK has them. */
    static Worker.Builder worker() {
        return Worker.builder().maxThreads(256);
    }

    @Override
    public Response handle(Request request) throws InterruptedException {
        Thread.sleep(250);
        return Response.text("Slept 250 ms on " + Thread.currentThread().getName() + "\n");
    }
}
