package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.TlsSession;
import org.junit.jupiter.api.Test;

class HeadAsGetTest {
    /** They ask the others. */
    private static final Set<String> OF_THE_INTERFACE = Set.of("header", "queryParameter");

    /** A method that is added to requests has a default for tests of applications, which would be wrong here. */
    @Test
    void handsOnEverythingThatARequestHas() throws NoSuchMethodException {
        for (Method method : Request.class.getMethods()) {
            boolean short1 = method.getName().equals("asChannel") && method.getParameterCount() == 1;
            if (!Modifier.isStatic(method.getModifiers()) && !OF_THE_INTERFACE.contains(method.getName()) && !short1) {
                Method ours = HeadAsGet.class.getMethod(method.getName(), method.getParameterTypes());
                assertThat(ours.getDeclaringClass())
                        .as(method.getName() + Arrays.toString(method.getParameterTypes()))
                        .isEqualTo(HeadAsGet.class);
            }
        }
    }

    /** A request that makes a new object for each answer. */
    @Test
    void answersAsTheRequestDoesExceptForItsMethod() throws Exception {
        Map<String, Object> answers = new HashMap<>();
        List<String> asked = new ArrayList<>();
        Request head = (Request) Proxy.newProxyInstance(
                Request.class.getClassLoader(), new Class<?>[] {Request.class}, (proxy, method, arguments) -> {
                    asked.add(method.getName());
                    return answers.get(method.getName());
                });
        answers.put("isWebSocketUpgrade", true);
        answers.put("isCancelled", true);
        answers.put("receivedNanos", 7L);
        answers.put("version", HttpVersion.HTTP_2);
        answers.put("remoteAddress", new InetSocketAddress(1));
        answers.put("peerAddress", new InetSocketAddress(2));
        answers.put("localAddress", new InetSocketAddress(3));
        for (String text : List.of("target", "path", "query", "scheme", "authority", "toString")) {
            answers.put(text, "its " + text);
        }
        answers.put("headers", Headers.of("A", "b"));
        answers.put("trailers", Headers.of("C", "d"));
        answers.put("body", CollectedBody.EMPTY);
        answers.put("beginResponse", OutputStream.nullOutputStream());
        answers.put("asChannel", Response.of(201));
        answers.put("tls", new TlsSession("TLSv1.3", "suite", null, null, List.of(), false));
        HeadAsGet get = new HeadAsGet(head);

        assertThat(get.method()).isEqualTo(org.httpkit.http.Method.GET);
        for (Method method : Request.class.getMethods()) {
            boolean own = OF_THE_INTERFACE.contains(method.getName())
                    || method.getName().equals("method");
            boolean shortForm = method.getName().equals("asChannel") && method.getParameterCount() == 1;
            if (Modifier.isStatic(method.getModifiers()) || own || shortForm) {
                continue;
            }
            asked.clear();
            Object[] arguments = new Object[method.getParameterCount()];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = method.getParameterTypes()[i] == long.class ? 0L : null;
            }
            assertThat(method.invoke(get, arguments)).as(method.getName()).isEqualTo(answers.get(method.getName()));
            assertThat(asked).containsExactly(method.getName());
        }
        assertThat(get.toString()).isEqualTo("its toString");
    }
}
