package org.httpkit.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JDK's own file server, which JDK 18 and later have, on this one. */
final class FileServerTest extends JdkServerTest {

    @Test
    void theJdksFileServerRunsOnThisServer(@TempDir Path folder) throws Exception {
        assumeTrue(Runtime.version().feature() >= 18, "No file server in this JDK");
        Files.writeString(folder.resolve("a.txt"), "hello");
        Files.write(folder.resolve("large.bin"), new byte[300_000]);
        HttpServer server = fileServer(folder);
        closeLater(() -> server.stop(0));
        server.start();
        RawClient client = connect(server);

        assertThat(server).isInstanceOf(PlainServer.class);
        RawResponse file = client.send(get("/a.txt")).read();
        assertThat(file.text()).isEqualTo("hello");
        assertThat(file.field("Content-Type")).isEqualTo("text/plain");
        assertThat(client.send(get("/large.bin")).read().body()).hasSize(300_000);
        assertThat(client.send(get("/")).read().text()).contains("a.txt");
        assertThat(client.send("HEAD /a.txt HTTP/1.1\r\nHost: a\r\n\r\n")
                        .readToHeadRequest()
                        .field("Content-Length"))
                .isEqualTo("5");
        assertThat(client.send(get("/none")).read().status()).isEqualTo(404);
        assertThat(client.send(post("/a.txt", "x")).read().status()).isEqualTo(405);
    }

    /** By reflection: the tests are compiled for JDK 17. */
    private static HttpServer fileServer(Path folder) throws ReflectiveOperationException {
        Class<?> outputLevel = Class.forName("com.sun.net.httpserver.SimpleFileServer$OutputLevel");
        Method create = Class.forName("com.sun.net.httpserver.SimpleFileServer")
                .getMethod("createFileServer", InetSocketAddress.class, Path.class, outputLevel);
        Object none = outputLevel.getField("NONE").get(null);
        return (HttpServer) create.invoke(null, anyPort(), folder, none);
    }
}
