package org.httpkit.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Admits requests with a known name and password (RFC 7617, UTF-8); others get 401. Immutable. Over plain HTTP,
 * everybody on the network path can read the password.
 *
 * <p>{@link #user} tells a handler who sent the request.
 */
public final class BasicAuth implements Filter {
    private static final String SCHEME = "basic ";

    private final String challenge;
    private final BiPredicate<String, String> check;

    /** A request and who has sent it. */
    private static final class Known extends RequestWrapper {
        private final String user;

        Known(Request request, String user) {
            super(request);
            this.user = user;
        }
    }

    private BasicAuth(String realm, BiPredicate<String, String> check) {
        if (realm.chars().anyMatch(c -> c < ' ' || c > '~' || c == '"' || c == '\\')) {
            throw new IllegalArgumentException("The realm has a character that cannot be sent: " + realm);
        }
        this.challenge = "Basic realm=\"" + realm + "\", charset=\"UTF-8\"";
        this.check = check;
    }

    /**
     * Uses a check whether a password belongs to a name. The check should take as long for an unknown name.
     *
     * @param realm the text that browsers show: printable ASCII without quotation marks and backslashes
     * @throws IllegalArgumentException if the realm contains another character
     */
    public static BasicAuth of(String realm, BiPredicate<String, String> check) {
        return new BasicAuth(realm, Objects.requireNonNull(check, "check"));
    }

    /**
     * Knows these names and their passwords. The time of the comparison does not reveal how much of a password was
     * right.
     *
     * @param realm as {@link #of(String, BiPredicate)} takes it
     * @throws IllegalArgumentException if the realm contains another character
     */
    public static BasicAuth of(String realm, Map<String, String> passwords) {
        Map<String, byte[]> digests = passwords.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> digest(entry.getValue())));
        byte[] nobodys = digest("");
        return new BasicAuth(realm, (name, password) -> {
            byte[] known = digests.get(name);
            boolean isRight = MessageDigest.isEqual(known == null ? nobodys : known, digest(password));
            return isRight && known != null;
        });
    }

    /**
     * The name of the user who sent a request.
     *
     * @throws IllegalStateException if no such filter has seen the request
     */
    public static String user(Request request) {
        for (Request inner = request; inner instanceof RequestWrapper wrapper; inner = wrapper.wrapped()) {
            if (inner instanceof Known known) {
                return known.user;
            }
        }
        throw new IllegalStateException("No BasicAuth has seen the request for " + request.path());
    }

    @Override
    public @Nullable Response filter(Request request, Handler next) throws Exception {
        String[] credentials = credentials(request.headers().all("Authorization"));
        if (credentials != null && check.test(credentials[0], credentials[1])) {
            return next.handle(new Known(request, credentials[0]));
        }
        return Response.of(401).header("WWW-Authenticate", challenge);
    }

    /** Name and password; null if there are none, or they are malformed. */
    private static String @Nullable [] credentials(List<String> fields) {
        if (fields.size() != 1 || !FieldParameters.lowerCase(fields.get(0)).startsWith(SCHEME)) {
            return null;
        }
        try {
            byte[] bytes = Base64.getDecoder()
                    .decode(FieldParameters.strip(fields.get(0).substring(SCHEME.length())));
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            int colon = text.indexOf(':');
            return colon < 0 ? null : new String[] {text.substring(0, colon), text.substring(colon + 1)};
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return null;
        }
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
