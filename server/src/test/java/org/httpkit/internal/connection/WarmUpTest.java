package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A start passes over a warm-up that fails, so it has to be known here that it does not. */
final class WarmUpTest {
    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void loadsAllThatItNames(Dispatch dispatch) {
        ServerOptions options = HttpServer.builder()
                .handler(request -> Response.text("fine"))
                .dispatch(dispatch)
                .serverHeader("test")
                .options();

        assertThatCode(new WarmUp(options)::load).doesNotThrowAnyException();
    }
}
