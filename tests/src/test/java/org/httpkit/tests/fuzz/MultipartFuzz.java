package org.httpkit.tests.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.server.Request;
import org.httpkit.server.RequestBody;
import org.httpkit.web.Multipart;
import org.httpkit.web.MultipartException;
import org.httpkit.web.Part;
import org.httpkit.web.Parts;

/** Forms with files: whatever comes is parts within the limits or a named violation, the same however the body comes in pieces. */
public final class MultipartFuzz {
    private static final int MAX_PARTS = 4;
    private static final int MAX_PART_BYTES = 100;
    private static final List<String> BOUNDARIES = List.of("x", "----", "a-b", "0123456789");
    private static final Multipart LIMITED = Multipart.of()
            .maxParts(MAX_PARTS)
            .maxHeaderBytes(200)
            .maxPartBytes(MAX_PART_BYTES)
            .maxTotalBytes(1000);

    private MultipartFuzz() {}

    /** One byte chooses the boundary, two the cut. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        String boundary = BOUNDARIES.get(choices.one() % BOUNDARIES.size());
        int cut = choices.two();
        byte[] body = choices.rest();
        List<String> whole = parts(boundary, new Pieces(body, Integer.MAX_VALUE, Integer.MAX_VALUE));
        require(whole, parts(boundary, new Pieces(body, 1, 1)), "byte by byte");
        int place = body.length == 0 ? 1 : 1 + cut % body.length;
        require(whole, parts(boundary, new Pieces(body, place, Integer.MAX_VALUE)), "cut at " + place);
    }

    private static void require(List<String> whole, List<String> other, String how) {
        if (!whole.equals(other)) {
            throw new AssertionError("Whole it is " + whole + "; " + how + " it is " + other);
        }
    }

    private static List<String> parts(String boundary, InputStream body) {
        List<String> parts = new ArrayList<>();
        StringBuilder content = new StringBuilder();
        try {
            Parts reading = LIMITED.parts(request("multipart/form-data; boundary=\"" + boundary + '"', body));
            for (Part part = reading.next(); part != null; part = reading.next()) {
                content.append(part.name()).append(' ').append(part.fileName());
                content.append(' ').append(part.contentType()).append(": ");
                int begin = content.length();
                InputStream stream = part.stream();
                for (int b = stream.read(); b >= 0; b = stream.read()) {
                    content.append((char) b);
                }
                if (content.length() - begin > MAX_PART_BYTES) {
                    throw new AssertionError("A part of " + (content.length() - begin) + " bytes");
                }
                parts.add(content.toString());
                content.setLength(0);
            }
        } catch (MultipartException e) {
            parts.add(content + " violation " + e.violation());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        if (parts.size() > MAX_PARTS + 1) {
            throw new AssertionError(parts.size() + " parts");
        }
        return parts;
    }

    private static Request request(String contentType, InputStream stream) {
        RequestBody body = proxy(RequestBody.class, "stream", stream);
        return (Request) Proxy.newProxyInstance(
                MultipartFuzz.class.getClassLoader(),
                new Class<?>[] {Request.class},
                (proxy, called, arguments) -> switch (called.getName()) {
                    case "header" -> contentType;
                    case "body" -> body;
                    default -> InvocationHandler.invokeDefault(proxy, called, arguments);
                });
    }

    private static <T> T proxy(Class<T> type, String method, Object result) {
        return type.cast(Proxy.newProxyInstance(
                MultipartFuzz.class.getClassLoader(), new Class<?>[] {type}, (proxy, called, arguments) -> {
                    if (called.getName().equals(method)) {
                        return result;
                    }
                    throw new AssertionError(called);
                }));
    }

    /** A body that comes in pieces: the first one has so many bytes, and so have the others at most. */
    private static final class Pieces extends InputStream {
        private final byte[] bytes;
        private final int most;
        private int next;
        private int position;

        Pieces(byte[] bytes, int first, int most) {
            this.bytes = bytes;
            this.next = first;
            this.most = most;
        }

        @Override
        public int read() {
            throw new AssertionError("One byte at a time");
        }

        @Override
        public int read(byte[] target, int offset, int count) {
            int taken = Math.min(Math.min(next, count), bytes.length - position);
            if (taken == 0) {
                return -1;
            }
            System.arraycopy(bytes, position, target, offset, taken);
            position += taken;
            next = most;
            return taken;
        }
    }
}
