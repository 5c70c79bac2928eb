package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.httpkit.server.HttpServer;
import org.httpkit.testkit.TestCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** OkHttp and Jetty's client over HTTP/2: with prior knowledge, and over TLS. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
@PlainText("Both are tried in any case")
@Tag("foreign")
final class Http2ClientsTest extends ServerTest {
    /** 100 MB with {@code -Dhttpkit.long=true}. */
    private static final int LARGE = Boolean.getBoolean("httpkit.long") ? 100_000_000 : 3_000_000;

    private static final int MANY = 1000;

    @Parameter
    private boolean secure;

    private final Http2Site site = new Http2Site();
    private HttpServer server;
    private String base;

    @BeforeEach
    void start() throws IOException {
        TestCertificate certificate = TestCertificate.localhost();
        server = serve(site, options -> options.tls(secure ? certificate.tls() : null));
        base = (secure ? "https" : "http") + "://localhost:" + server.port();
    }

    private void assertNoStreamIsLeft() {
        eventually(() -> assertThat(server.stats().streamsOpen()).isZero());
    }

    private void assertOneConnectionGoesOn() {
        assertNoStreamIsLeft();
        assertThat(server.stats().connectionsOpen()).as("%s", server.stats()).isEqualTo(1);
    }

    // ---- OkHttp

    private OkHttpClient okHttp() {
        TestCertificate certificate = TestCertificate.localhost();
        OkHttpClient client = new OkHttpClient.Builder()
                .protocols(secure ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) : List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                .sslSocketFactory(
                        TestCertificate.trusting(certificate).getSocketFactory(),
                        TestCertificate.trustManager(certificate))
                .connectionPool(new ConnectionPool())
                .callTimeout(30, TimeUnit.SECONDS)
                .build();
        client.dispatcher().setMaxRequests(MANY);
        client.dispatcher().setMaxRequestsPerHost(MANY);
        closeLater(() -> {
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        });
        return client;
    }

    private Call call(OkHttpClient client, String path, @Nullable RequestBody body) {
        okhttp3.Request.Builder request = new okhttp3.Request.Builder().url(base + path);
        return client.newCall(
                body == null ? request.build() : request.post(body).build());
    }

    /** So many bytes, which may be sent while the answer comes. */
    private static RequestBody large() {
        return new RequestBody() {
            @Override
            public okhttp3.@Nullable MediaType contentType() {
                return null;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                byte[] bytes = Http2Test.bytes(100_000);
                for (int left = LARGE; left > 0; left -= bytes.length) {
                    sink.write(bytes);
                }
            }
        };
    }

    @Test
    void okHttpAsksManyThingsAtOnce() throws Exception {
        OkHttpClient client = okHttp();
        try (okhttp3.Response first = call(client, "/version", null).execute()) {
            assertThat(first.body().string()).isEqualTo("HTTP/2.0");
        }
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            CompletableFuture<String> answer = new CompletableFuture<>();
            answers.add(answer);
            call(client, "/" + i, null).enqueue(new Callback() {
                @Override
                public void onFailure(Call call, IOException e) {
                    answer.completeExceptionally(e);
                }

                @Override
                public void onResponse(Call call, okhttp3.Response response) throws IOException {
                    try (response) {
                        answer.complete(response.body().string());
                    }
                }
            });
        }
        for (int i = 0; i < MANY; i++) {
            assertThat(answers.get(i).get(30, TimeUnit.SECONDS)).isEqualTo("/" + i);
        }
        assertNoStreamIsLeft();
    }

    @Test
    void okHttpSendsMuchAndGetsItBack() throws Exception {
        try (okhttp3.Response response = call(okHttp(), "/echo", new Duplex()).execute()) {
            InputStream in = response.body().byteStream();
            byte[] wanted = Http2Test.bytes(100_000);
            for (int left = LARGE; left > 0; left -= wanted.length) {
                assertThat(in.readNBytes(wanted.length)).isEqualTo(wanted);
            }
            assertThat(in.read()).isEqualTo(-1);
        }
        assertNoStreamIsLeft();
    }

    /** Sends from a separate thread while the caller reads the answer. */
    private static final class Duplex extends RequestBody {
        @Override
        public okhttp3.@Nullable MediaType contentType() {
            return null;
        }

        @Override
        public boolean isDuplex() {
            return true;
        }

        @Override
        public void writeTo(BufferedSink sink) {
            Thread sending = new Thread(() -> {
                try (sink) {
                    large().writeTo(sink);
                } catch (IOException e) {
                    // The answer tells.
                }
            });
            sending.setDaemon(true);
            sending.start();
        }
    }

    @Test
    void okHttpGetsTrailersAndEarlyAnswersAndGivesUp() throws Exception {
        OkHttpClient client = okHttp();
        try (okhttp3.Response response = call(client, "/trailers", null).execute()) {
            assertThat(response.body().string()).isEqualTo("sum");
            assertThat(response.trailers().get("x-sum")).isEqualTo("7");
        }
        try (okhttp3.Response response = call(client, "/early", new Duplex()).execute()) {
            assertThat(response.code()).isEqualTo(403);
            assertThat(response.body().string()).isEqualTo("early");
        }
        Call endless = call(client, "/endless", null);
        try (okhttp3.Response response = endless.execute()) {
            assertThat(response.body().byteStream().readNBytes(100_000)).hasSize(100_000);
            endless.cancel();
        }
        await(site.gone);
        assertNoStreamIsLeft();
    }

    // ---- Jetty

    private HttpClient jetty() throws Exception {
        ClientConnector connector = new ClientConnector();
        connector.setSslContextFactory(new SslContextFactory.Client(true));
        HttpClient client = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client(connector)));
        client.setMaxRequestsQueuedPerDestination(2 * MANY);
        client.setMaxConnectionsPerDestination(1);
        client.start();
        closeLater(client::stop);
        return client;
    }

    private static ContentResponse get(CompletableFuture<ContentResponse> response) throws Exception {
        return response.get(60, TimeUnit.SECONDS);
    }

    private CompletableFuture<ContentResponse> send(org.eclipse.jetty.client.Request request) {
        return new CompletableResponseListener(request, LARGE).send();
    }

    @Test
    void jettysClientAsksManyThingsAtOnce() throws Exception {
        HttpClient client = jetty();
        assertThat(get(send(client.newRequest(base + "/version"))).getContentAsString())
                .isEqualTo("HTTP/2.0");
        List<CompletableFuture<ContentResponse>> answers = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            answers.add(send(client.newRequest(base + "/" + i)));
        }
        for (int i = 0; i < MANY; i++) {
            assertThat(get(answers.get(i)).getContentAsString()).isEqualTo("/" + i);
        }
        assertOneConnectionGoesOn();
    }

    @Test
    void jettysClientSendsMuchAndGetsItBack() throws Exception {
        byte[] large = Http2Test.bytes(LARGE);

        ContentResponse response =
                get(send(jetty().newRequest(base + "/echo").method("POST").body(new BytesRequestContent(large))));

        assertThat(response.getContent()).isEqualTo(large);
        assertOneConnectionGoesOn();
    }

    @Test
    void jettysClientGetsTrailersAndEarlyAnswersAndGivesUp() throws Exception {
        HttpClient client = jetty();
        ContentResponse trailing = get(send(client.newRequest(base + "/trailers")));
        assertThat(trailing.getTrailers().get("x-sum")).isEqualTo("7");
        CompletableFuture<Result> early = new CompletableFuture<>();
        client.newRequest(base + "/early")
                .method("POST")
                .body(new BytesRequestContent(Http2Test.bytes(LARGE)))
                .send(early::complete);
        Result answered = early.get(30, TimeUnit.SECONDS);
        assertThat(answered.getResponseFailure()).isNull();
        assertThat(answered.getResponse().getStatus()).isEqualTo(403);

        org.eclipse.jetty.client.Request endless = client.newRequest(base + "/endless");
        CountDownLatch begun = new CountDownLatch(1);
        endless.onResponseContent((response, content) -> begun.countDown()).send(result -> {});
        await(begun);
        endless.abort(new IOException("not wanted any more"));
        await(site.gone);
        assertOneConnectionGoesOn();
    }
}
