package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a Java program finds on the classes that it shares with programs for http-kit. */
class ApiForJavaTest {

    @Test
    void aChannelOffersJavaItsOwnMethodsAlone() {
        assertThat(offered(AsyncChannel.class))
                .containsExactlyInAnyOrder(
                        "send",
                        "trySend",
                        "sendEvent",
                        "close",
                        "ping",
                        "pong",
                        "isOpen",
                        "isWebSocket",
                        "queuedBytes",
                        "subprotocol",
                        "request");
    }

    @Test
    void aServerOffersJavaItsOwnMethodsAlone() {
        assertThat(offered(HttpServer.class))
                .containsExactlyInAnyOrder(
                        "start",
                        "builder",
                        "port",
                        "address",
                        "status",
                        "options",
                        "stats",
                        "stop",
                        "isAlive",
                        "join",
                        "reconfigure",
                        "toString",
                        "close");
        assertThat(HttpServer.class.getConstructors())
                .allMatch(constructor -> constructor.isAnnotationPresent(Deprecated.class));
    }

    @Test
    void aMessageOffersWhatApplicationsNeed() {
        assertThat(offered(Message.class))
                .containsExactlyInAnyOrder("text", "binary", "forMany", "isForMany", "isText", "bytes");
    }

    /** The names of the public methods that are not deprecated. */
    private static Set<String> offered(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> method.getDeclaringClass() != Object.class)
                .filter(method -> !method.isAnnotationPresent(Deprecated.class))
                .map(Method::getName)
                .collect(Collectors.toSet());
    }
}
