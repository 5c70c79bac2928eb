package org.httpkit.internal.fields;

import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.jspecify.annotations.Nullable;

/** The head of one request: its bytes and the offsets of its parts; also the request's header fields. Immutable. */
public final class RequestHead extends PackedFields {
    private final Method method;
    private final HttpVersion version;
    private final BodyFraming bodyFraming;
    private final long contentLength;
    /** The findings of {@link HeaderRules}. */
    private final int facts;

    private final int targetStart;
    private final int targetEnd;
    private final int pathStart;
    private final int pathEnd;
    private final int authorityStart;
    private final int authorityEnd;

    /** Made on first demand; two threads may both make it, with equal text. */
    private @Nullable String path;

    RequestHead(
            byte[] source, int base, int textLength, int[] offsets, int count, RequestLine line, HeaderRules rules) {
        super(source, base, textLength, offsets, count);
        method = line.method;
        version = line.version;
        bodyFraming = rules.bodyFraming();
        contentLength = rules.contentLength();
        facts = rules.facts();
        RequestTarget target = line.target;
        targetStart = target.start;
        targetEnd = target.end;
        pathStart = target.pathStart;
        pathEnd = target.pathEnd;
        boolean ownAuthority = target.authorityEnd > target.authorityStart;
        authorityStart = ownAuthority ? target.authorityStart : rules.hostStart();
        authorityEnd = ownAuthority ? target.authorityEnd : rules.hostEnd();
    }

    /** The head as the client sent it, for storage: much smaller than the object that {@link #of} makes from it. */
    public byte[] text() {
        return HeadParser.textOf(this);
    }

    /** Makes the head from its {@link #text}. */
    public static RequestHead of(byte[] text) {
        return HeadParser.parse(text);
    }

    public Method method() {
        return method;
    }

    public HttpVersion version() {
        return version;
    }

    /** The request target as the client sent it. */
    public String target() {
        return text(targetStart, targetEnd);
    }

    /**
     * The path of the target, percent-encoded as the client sent it: {@code /} for an absolute-form target without a
     * path, {@code *} for the asterisk-form, empty for the authority-form.
     */
    public String path() {
        String known = path;
        if (known == null) {
            known = makePath();
            path = known;
        }
        return known;
    }

    private String makePath() {
        int length = pathEnd - pathStart;
        if (length == 0) {
            return method.equals(Method.CONNECT) ? "" : "/";
        }
        return length == 1 && bytes[pathStart] == '/' ? "/" : text(pathStart, pathEnd);
    }

    /** The query of the target as the client sent it, without the question mark; null if there is none. */
    public @Nullable String query() {
        return pathEnd == targetEnd ? null : text(pathEnd + 1, targetEnd);
    }

    /** Host and optional port: from the target if it has them, else from the Host field; empty if neither has them. */
    public String authority() {
        return text(authorityStart, authorityEnd);
    }

    /** Whether the request has exactly this {@link #authority}; makes no text. */
    public boolean isFor(String authority) {
        int length = authorityEnd - authorityStart;
        if (authority.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if ((bytes[authorityStart + i] & 0xFF) != authority.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    public BodyFraming bodyFraming() {
        return bodyFraming;
    }

    /** The declared length of the body, in bytes; 0 if there is no body, -1 if the length is undeclared. */
    public long contentLength() {
        return contentLength;
    }

    /** Whether the client keeps the connection open after this exchange (RFC 9112 section 9.3). */
    public boolean keepAlive() {
        return !says(HeaderRules.CLOSE) && (version != HttpVersion.HTTP_1_0 || says(HeaderRules.KEEP_ALIVE));
    }

    /** Whether the client waits for 100 before it sends the body; never in HTTP/1.0 (RFC 9110 section 10.1.1). */
    public boolean expectsContinue() {
        return says(HeaderRules.EXPECTS_CONTINUE) && version != HttpVersion.HTTP_1_0 && bodyFraming != BodyFraming.NONE;
    }

    /** Whether the client expects something other than 100-continue; the answer is 417. HTTP/1.0 has no expectations. */
    public boolean hasUnknownExpectation() {
        return says(HeaderRules.UNKNOWN_EXPECTATION) && version != HttpVersion.HTTP_1_0;
    }

    /**
     * Whether it was an extended CONNECT of HTTP/2, which looks like the upgrade that it replaces: see {@link
     * HeadBuilder#protocol}.
     */
    public boolean isExtendedConnect() {
        return version == HttpVersion.HTTP_2 && says(HeaderRules.UPGRADE_FIELD);
    }

    /** A hash of the method and the first two segments of the path: equal for requests that are probably similar. */
    public int kind(int seed) {
        return hash(seed, 2);
    }

    /** A hash of the method and the first segment alone, for a path that has more; else 0. */
    public int group(int seed) {
        for (int i = pathStart + 1; i < pathEnd; i++) {
            if (bytes[i] == '/') {
                return hash(~seed, 1);
            }
        }
        return 0;
    }

    private int hash(int seed, int segments) {
        int hash = seed ^ method.hashCode();
        int slashes = 0;
        for (int i = pathStart + 1; i < pathEnd; i++) {
            if (bytes[i] == '/' && ++slashes == segments) {
                break;
            }
            hash = (hash ^ bytes[i]) * 0x9E3779B1;
            hash ^= hash >>> 15;
        }
        return hash;
    }

    private boolean says(int fact) {
        return (facts & fact) != 0;
    }

    @Override
    public String toString() {
        return method + " " + target() + " " + version + " " + super.toString();
    }
}
