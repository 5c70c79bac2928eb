package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Set;
import org.httpkit.server.Request;
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
}
