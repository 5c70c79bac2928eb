package org.httpkit.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.httpkit.server.Request;
import org.junit.jupiter.api.Test;

class RequestWrapperTest {

    /** A method with a default would otherwise be the wrapper's own, and forget what the server's request does instead. */
    @Test
    void handsOnEveryMethodOfARequest() {
        List<Method> missing = Arrays.stream(Request.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> declared(method) == null)
                .toList();

        assertThat(missing).isEmpty();
    }

    private static Method declared(Method method) {
        try {
            return RequestWrapper.class.getDeclaredMethod(method.getName(), method.getParameterTypes());
        } catch (NoSuchMethodException e) {
            return null;
        }
    }
}
