package org.httpkit.internal.exchange;

import java.nio.charset.StandardCharsets;
import org.httpkit.http.Headers;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.server.ErrorPages;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Has the application shape the answers that the server gives by itself. Stateless; not for loops, since the application may block. */
public final class ErrorAnswers {
    /** A longer page cannot take the place of an answer that ends the connection. */
    private static final int MOST_BYTES = 64 * 1024;

    private ErrorAnswers() {}

    /** Has the page made that is needed when the worker has no room. */
    public static void prepare(ServerContext context) {
        Response plain = Responses.OVERLOADED;
        Response page = shaped(context, plain, plain.status().reason(), null);
        if (contentOf(page) != null) {
            context.setOverloadedPage(page);
        }
    }

    /** The content of a page that is all there, and not too long to be copied; null for any other. */
    public static byte @Nullable [] contentOf(Response page) {
        byte[] content = null;
        if (page.body() == ResponseBody.Empty.EMPTY) {
            content = new byte[0];
        } else if (page.body() instanceof ResponseBody.Text text && text.text().length() <= MOST_BYTES) {
            content = text.text().getBytes(StandardCharsets.UTF_8);
        } else if (page.body() instanceof ResponseBody.Bytes bytes) {
            content = bytes.bytes();
        } else if (page.body() instanceof ResponseBody.Buffer buffer
                && buffer.bytes().remaining() <= MOST_BYTES) {
            content = new byte[buffer.bytes().remaining()];
            buffer.bytes().duplicate().get(content);
        }
        return content != null && content.length <= MOST_BYTES ? content : null;
    }

    /**
     * What the client gets: the application's page with the status and the fields of the plain answer, or that answer if there is no page.
     *
     * @param reason what the plain answer says
     */
    public static Response shaped(ServerContext context, Response plain, String reason, @Nullable Request request) {
        ErrorPages pages = context.options.errorPages();
        if (pages == null) {
            return plain;
        }
        int status = plain.status().code();
        Response page;
        try {
            page = pages.page(status, reason, request);
        } catch (Throwable e) {
            context.observer.pageFailed(status, request, e);
            return plain;
        }
        if (page == null || page.body() instanceof ResponseBody.Later || page.body() instanceof ResponseBody.Channel) {
            return plain;
        }
        Headers fields = page.headers();
        for (int i = 0; i < plain.headers().size(); i++) {
            String name = plain.headers().name(i);
            if (!name.equalsIgnoreCase("Content-Type") && !page.headers().contains(name)) {
                fields = fields.plus(name, plain.headers().value(i));
            }
        }
        return page.status(status).headers(fields).conditional(false);
    }
}
