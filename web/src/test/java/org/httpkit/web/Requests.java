package org.httpkit.web;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.server.Request;

/** Makes requests that no client has sent. */
final class Requests {
    private Requests() {}

    static Request of(String method, String path, String... fields) {
        Headers headers = Headers.of(fields);
        int question = path.indexOf('?');
        return (Request) Proxy.newProxyInstance(
                Requests.class.getClassLoader(),
                new Class<?>[] {Request.class},
                (proxy, called, arguments) -> switch (called.getName()) {
                    case "method" -> Method.of(method);
                    case "target" -> path;
                    case "path" -> question < 0 ? path : path.substring(0, question);
                    case "query" -> question < 0 ? null : path.substring(question + 1);
                    case "headers" -> headers;
                    case "scheme" -> "http";
                    case "isWebSocketUpgrade" -> false;
                    case "toString" -> method + " " + path;
                    default -> InvocationHandler.invokeDefault(proxy, called, arguments);
                });
    }
}
