package org.httpkit.bench;

import clojure.java.api.Clojure;
import clojure.lang.IFn;
import java.io.IOException;
import org.httpkit.http.Headers;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;

/**
 * One answer from a handler in Java and from handlers in Clojure, to compare what a request costs. A load generator outside drives it:
 *
 * <pre>RingServer java|ring|routed|full PORT</pre>
 *
 * <p>{@code ring} returns a literal map. {@code routed} looks at method and path first. {@code full} first builds a map of all keys,
 * as an adapter does that computes them eagerly.
 */
public final class RingServer {
    private static final String RING = "(fn [req] " + response() + ")";
    private static final String ROUTED =
            "(fn [{:keys [uri request-method]}] (when (and (= :get request-method) (= \"/plaintext\" uri)) "
                    + response() + "))";
    private static final String FULL =
            "(fn [req] (let [req (into {} (dissoc req :async-channel))] " + response() + "))";

    private RingServer() {}

    private static String response() {
        return "{:status 200 :headers {\"Content-Type\" \"text/plain\"} :body \"Hello, World!\"}";
    }

    /** Starts one and leaves it running. */
    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[1]);
        switch (arguments[0]) {
            case "java" -> startJava(port);
            case "ring" -> startRing(RING, port);
            case "routed" -> startRing(ROUTED, port);
            case "full" -> startRing(FULL, port);
            default -> throw new IllegalArgumentException("java, ring, routed or full; not " + arguments[0]);
        }
    }

    private static void startJava(int port) throws IOException {
        HttpServer unused = HttpServer.builder()
                .address("127.0.0.1", port)
                .handler(request -> Response.of(200)
                        .headers(Headers.of("Content-Type", "text/plain"))
                        .body(new ResponseBody.Text("Hello, World!")))
                .start();
    }

    private static void startRing(String handler, int port) {
        IFn loadString = Clojure.var("clojure.core", "load-string");
        IFn start = (IFn) loadString.invoke("(require 'org.httpkit.server) (fn [port] (org.httpkit.server/run-server "
                + handler + " {:ip \"127.0.0.1\" :port port}))");
        start.invoke(port);
    }
}
