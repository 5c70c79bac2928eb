package org.httpkit.internal.exchange;

import java.nio.charset.StandardCharsets;
import org.httpkit.http.Headers;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.server.ErrorPages;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Lets the application shape the answers that come from the server itself. Stateless; not for loops, because the
 * application may block.
 */
public final class ErrorAnswers {
    /** A longer page cannot replace an answer that ends the connection. */
    private static final int MOST_BYTES = 64 * 1024;

    private ErrorAnswers() {}

    /** Prepares the page for the case that the worker has no room. */
    public static void prepare(ServerContext context) {
        Response plain = Responses.OVERLOADED;
        context.setOverloadedPage(inMemory(context, plain, plain.status().reason(), null));
    }

    /**
     * Returns the answer as {@link #shaped} does, but the plain one also for a page that is not in memory, or too long
     * to copy. Such a page is closed.
     */
    public static Response inMemory(ServerContext context, Response plain, String reason, @Nullable Request request) {
        Response page = shaped(context, plain, reason, request);
        if (page != plain && contentOf(page) == null) {
            StreamWriter.closeBody(page.body());
            return plain;
        }
        return page;
    }

    /** Returns the content of a page that is in memory and not too long to copy; null for other pages. */
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
     * Returns the answer for the client: the application's page with the status and the fields of the plain answer, or
     * the plain answer if there is no page.
     *
     * @param reason the text of the plain answer
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
