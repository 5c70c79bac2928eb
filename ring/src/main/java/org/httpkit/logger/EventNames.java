package org.httpkit.logger;

import java.util.Map;

/** The names under which events are logged: defaults, or names given in their place. Immutable. */
public class EventNames {
    /** The default names. */
    public static final EventNames DEFAULT = new EventNames(Map.of());

    public final String serverAcceptError;
    public final String serverLoopError;
    public final String serverWsDecodeError;
    public final String serverWsFrameError;
    public final String serverChannelCloseError;
    /** To be followed by the status code. */
    public final String serverStatusPrefix;

    public final String serverStatus400;
    public final String serverStatus404;
    public final String serverStatus408;
    public final String serverStatus413;
    public final String serverStatus414;
    public final String serverStatus500;
    public final String serverStatus503;
    public final String serverStatus503Todo;
    public final String serverSlowConsumer;
    public final String serverShed;
    public final String serverInputShed;
    public final String serverConnectionGivenUp;
    public final String serverDrain;
    public final String clientImpossible;

    /** Names by the fields of this class, such as {@code serverStatus404}; missing ones keep their default. */
    public EventNames(Map<String, String> names) {
        serverAcceptError = name(names, "serverAcceptError", "httpkit.server.accept.error");
        serverLoopError = name(names, "serverLoopError", "httpkit.server.loop.error");
        serverWsDecodeError = name(names, "serverWsDecodeError", "httpkit.server.ws.decode.error");
        serverWsFrameError = name(names, "serverWsFrameError", "httpkit.server.ws.frame.error");
        serverChannelCloseError = name(names, "serverChannelCloseError", "httpkit.server.channel.close.error");
        serverStatusPrefix = name(names, "serverStatusPrefix", "httpkit.server.status.processed.");
        serverStatus400 = name(names, "serverStatus400", "httpkit.server.status.400");
        serverStatus404 = name(names, "serverStatus404", "httpkit.server.status.404");
        serverStatus408 = name(names, "serverStatus408", "httpkit.server.status.408");
        serverStatus413 = name(names, "serverStatus413", "httpkit.server.status.413");
        serverStatus414 = name(names, "serverStatus414", "httpkit.server.status.414");
        serverStatus500 = name(names, "serverStatus500", "httpkit.server.status.500");
        serverStatus503 = name(names, "serverStatus503", "httpkit.server.status.503");
        serverStatus503Todo = name(names, "serverStatus503Todo", "httpkit.server.status.503.todo");
        serverSlowConsumer = name(names, "serverSlowConsumer", "httpkit.server.slow.consumer");
        serverShed = name(names, "serverShed", "httpkit.server.shed");
        serverInputShed = name(names, "serverInputShed", "httpkit.server.input.shed");
        serverConnectionGivenUp = name(names, "serverConnectionGivenUp", "httpkit.server.connection.given.up");
        serverDrain = name(names, "serverDrain", "httpkit.server.drain");
        clientImpossible = name(names, "clientImpossible", "httpkit.client.impossible");
    }

    private static String name(Map<String, String> names, String key, String standard) {
        String given = names.get(key);
        return given == null ? standard : given;
    }
}
