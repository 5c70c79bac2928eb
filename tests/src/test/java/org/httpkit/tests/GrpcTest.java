package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.HttpServer;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A service of gRPC, called by grpc-java's client, which is Netty's of HTTP/2: in plain text, and over TLS. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
@PlainText("Both are tried in any case")
@Tag("foreign")
final class GrpcTest extends ServerTest {
    @Parameter
    private boolean secure;

    private final GrpcEcho echo = new GrpcEcho();
    private HttpServer server;
    private ManagedChannel channel;

    @BeforeEach
    void connect() throws Exception {
        TestCertificate certificate = TestCertificate.localhost();
        server = serve(echo, options -> options.tls(secure ? certificate.tls() : null));
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress("localhost", server.port());
        channel = secure
                ? builder.sslContext(GrpcSslContexts.forClient()
                                .trustManager(certificate.chain().toFile())
                                .build())
                        .build()
                : builder.usePlaintext().build();
        closeLater(() -> channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS));
    }

    private static MethodDescriptor<byte[], byte[]> method(MethodType type, String name) {
        MethodDescriptor.Marshaller<byte[]> bytes = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                try {
                    return stream.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        return MethodDescriptor.newBuilder(bytes, bytes)
                .setType(type)
                .setFullMethodName("Echo/" + name)
                .build();
    }

    private byte[] unary(String name, CallOptions options, byte[] message) {
        return ClientCalls.blockingUnaryCall(channel, method(MethodType.UNARY, name), options, message);
    }

    private static CallOptions usual() {
        return CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void oneMessageIsAnsweredByOne() {
        assertThat(unary("Unary", usual(), bytes("hello"))).isEqualTo(bytes("hello"));
        assertThat(unary("Unary", usual(), new byte[0])).isEmpty();
        byte[] large = Http2Test.bytes(3_000_000);
        assertThat(unary("Unary", usual(), large)).isEqualTo(large);
    }

    @Test
    void aThousandCallsRunAtOnce() throws Exception {
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Answers answer = new Answers();
            ClientCalls.asyncUnaryCall(
                    channel.newCall(method(MethodType.UNARY, "Unary"), usual()), bytes("call " + i), answer);
            answers.add(answer.end.thenApply(end -> answer.messages.poll()));
        }

        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).get(30, TimeUnit.SECONDS)).isEqualTo("call " + i);
        }
    }

    @Test
    void theClientStreams() throws Exception {
        Answers answers = new Answers();
        StreamObserver<byte[]> requests = ClientCalls.asyncClientStreamingCall(
                channel.newCall(method(MethodType.CLIENT_STREAMING, "Collect"), usual()), answers);

        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            requests.onNext(bytes(i + ","));
            sent.append(i).append(',');
        }
        requests.onCompleted();

        assertThat(answers.end.get(30, TimeUnit.SECONDS)).isEqualTo(Status.OK);
        assertThat(answers.messages).containsExactly(sent.toString());
    }

    @Test
    void theServerStreams() {
        byte[] message = Http2Test.bytes(20_000);
        message[0] = 100;

        Iterator<byte[]> answers = ClientCalls.blockingServerStreamingCall(
                channel, method(MethodType.SERVER_STREAMING, "Expand"), usual(), message);

        int count = 0;
        while (answers.hasNext()) {
            assertThat(answers.next()).isEqualTo(message);
            count++;
        }
        assertThat(count).isEqualTo(100);
    }

    /** Each message waits for the one before, so none may be held back by either side. */
    @Test
    void bothSidesStream() throws Exception {
        Answers answers = new Answers();
        StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(
                channel.newCall(method(MethodType.BIDI_STREAMING, "Chat"), usual()), answers);

        for (int i = 0; i < 1000; i++) {
            requests.onNext(bytes("message " + i));
            assertThat(answers.messages.poll(10, TimeUnit.SECONDS)).isEqualTo("message " + i);
        }
        requests.onCompleted();

        assertThat(answers.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.OK);
    }

    @Test
    void aRefusalIsTrailersOnly() {
        assertThatThrownBy(() -> unary("Missing", usual(), bytes("x")))
                .isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
                    assertThat(e.getStatus().getDescription()).isEqualTo("nothing here");
                });
    }

    @Test
    void aDeadlineEndsTheCallOnBothSides() throws Exception {
        unary("Unary", usual(), bytes("connects")); // which may take longer than the deadline
        Answers answers = new Answers();
        StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(
                channel.newCall(
                        method(MethodType.BIDI_STREAMING, "Wait"),
                        CallOptions.DEFAULT.withDeadlineAfter(A_WHILE.toMillis(), TimeUnit.MILLISECONDS)),
                answers);
        requests.onNext(bytes("x"));

        assertThat(answers.end.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        await(echo.givenUp);
        assertThat(unary("Unary", usual(), bytes("goes on"))).isEqualTo(bytes("goes on"));
    }

    @Test
    void aCancelIsHeardAtOnce() throws Exception {
        Answers answers = new Answers();
        ClientCall<byte[], byte[]> call = channel.newCall(method(MethodType.BIDI_STREAMING, "Wait"), usual());
        ClientCallStreamObserver<byte[]> requests =
                (ClientCallStreamObserver<byte[]>) ClientCalls.asyncBidiStreamingCall(call, answers);
        requests.onNext(bytes("x"));
        await(echo.waiting);
        assertThat(server.stats().streamsOpen()).isEqualTo(1);

        requests.cancel("not wanted any more", null);

        assertThat(answers.end.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.CANCELLED);
        await(echo.givenUp);
        eventually(() -> assertThat(server.stats().streamsOpen()).isZero());
        assertThat(server.stats().connectionsOpen()).isEqualTo(1);
    }

    /** What comes of a call. */
    private static final class Answers implements StreamObserver<byte[]> {
        final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();

        @Override
        public void onNext(byte[] message) {
            messages.add(new String(message, StandardCharsets.UTF_8));
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }
    }
}
