package org.httpkit.examples;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** Answers when something has happened: a GET waits, without a thread, for a POST to come. */
final class Later implements Handler {
    private final Queue<CompletableFuture<Response>> waiting = new ConcurrentLinkedQueue<>();

    @Override
    public Response handle(Request request) throws Exception {
        if (request.method().equals(Method.POST)) {
            return answerAll(request.body().text());
        }
        return Response.later(answer());
    }

    private CompletableFuture<Response> answer() {
        waiting.removeIf(CompletableFuture::isDone); // those that waited for too long
        CompletableFuture<Response> answer = new CompletableFuture<>();
        waiting.add(answer);
        Response nobody = Response.text("Nobody answered").status(504);
        return answer.completeOnTimeout(nobody, 30, TimeUnit.SECONDS);
    }

    private Response answerAll(String news) {
        int answered = 0;
        for (var answer = waiting.poll(); answer != null; answer = waiting.poll()) {
            if (answer.complete(Response.text(news))) {
                answered++;
            }
        }
        return Response.text("Answered " + answered + " waiting requests\n");
    }
}
