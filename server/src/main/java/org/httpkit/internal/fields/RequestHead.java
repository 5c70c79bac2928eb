package org.httpkit.internal.fields;

import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.jspecify.annotations.Nullable;

/** One request's head: its bytes and where things stand in them; also the request's header fields. Immutable. */
public final class RequestHead extends PackedFields {
    private final Method method;
    private final HttpVersion version;
    private final BodyFraming bodyFraming;
    private final long contentLength;
    /** What {@link HeaderRules} found. */
    private final int facts;

    private final int targetStart;
    private final int targetEnd;
    private final int pathStart;
    private final int pathEnd;
    private final int authorityStart;
    private final int authorityEnd;

    /** Made once by whoever asks first; two threads may both make the same text. */
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

    /** The head as it was sent, for whoever keeps it for long: much smaller than what {@link #of} makes of it again. */
    public byte[] text() {
        return HeadParser.textOf(this);
    }

    /** The array that it is. */
    public int heldBytes() {
        return bytes.length;
    }

    /** The head with that {@link #text}. */
    public static RequestHead of(byte[] text) {
        return HeadParser.parse(text);
    }

    public Method method() {
        return method;
    }

    public HttpVersion version() {
        return version;
    }

    /** The request target as it was sent. */
    public String target() {
        return text(targetStart, targetEnd);
    }

    /**
     * The path of the target, percent-encoded as it was sent. Of an absolute-form target without a path {@code /}; of the
     * asterisk-form {@code *}; of the authority-form empty.
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

    /** The query of the target, without its question mark and as it was sent; null if there is none. */
    public @Nullable String query() {
        return pathEnd == targetEnd ? null : text(pathEnd + 1, targetEnd);
    }

    /** Host and optional port: of the target if it has them, else of the Host field; empty if neither has them. */
    public String authority() {
        return text(authorityStart, authorityEnd);
    }

    public BodyFraming bodyFraming() {
        return bodyFraming;
    }

    /** The declared length of the body; 0 if there is no body, -1 if nobody has declared it. */
    public long contentLength() {
        return contentLength;
    }

    /** Whether the client lets the connection go on after this exchange (RFC 9112 section 9.3). */
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

    /** Whether it was an extended CONNECT of HTTP/2, which reads as the upgrade that it stands for: see {@link HeadBuilder#protocol}. */
    public boolean isExtendedConnect() {
        return version == HttpVersion.HTTP_2 && says(HeaderRules.UPGRADE_FIELD);
    }

    /** A hash of the method and the first two segments of the path, the same for requests that are likely much alike. */
    public int kind(int seed) {
        return hash(seed, 2);
    }

    /** The same by the first segment alone, for a path that has more; else 0. */
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
