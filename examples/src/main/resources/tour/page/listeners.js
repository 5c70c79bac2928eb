import { socketAddress } from "./sockets.js";

/**
 * The ways to listen to a topic. Each opens a connection to a URL, behind the message with that id ("all" for everything that is
 * kept), and tells what happens: open, message with its id, place (an id to go on behind), stale, and at the end lost. It returns
 * how to close it without a further word; that of a WebSocket also how to send.
 */
export const WAYS = {
    streaming: { label: "Server-sent events", open: byEvents },
    websocket: { label: "WebSocket", open: byWebSocket },
    polling: { label: "Long polling", open: byPolling },
};

function behind(url, id) {
    const whole = new URL(url);
    whole.searchParams.set("after", id);
    return whole;
}

function byEvents(url, seen, told) {
    const source = new EventSource(behind(url, seen));
    source.onopen = told.open;
    source.onmessage = ({ data, lastEventId }) => told.message(data, lastEventId);
    source.addEventListener("stale", told.stale);
    source.onerror = () => { // the browser would connect again, but always to this server
        source.close();
        told.lost();
    };
    return { close: () => source.close() };
}

function byWebSocket(url, seen, told) {
    const socket = new WebSocket(socketAddress(behind(url, seen)), "httpkit.topics");
    socket.onopen = told.open;
    socket.onclose = told.lost;
    socket.onmessage = ({ data }) => {
        const [, verb, first, second, text] = /^(\S+) ?(\S*) ?(\S*)\n?([^]*)$/.exec(data);
        if (verb === "message") {
            told.message(text, second);
        } else if (verb === "live") {
            told.place(first);
        } else if (verb === "stale") {
            told.stale();
        }
    };
    return {
        async send(text) {
            if (socket.readyState === WebSocket.CONNECTING) {
                await new Promise(resolve => ["open", "close"].forEach(each => socket.addEventListener(each, resolve)));
            }
            if (socket.readyState !== WebSocket.OPEN) {
                throw new Error("The WebSocket is not open. The page opens it again by itself, so try again in a moment.");
            }
            socket.send(`send ${text}`);
        },
        close() {
            socket.onclose = null;
            if (socket.readyState === WebSocket.CONNECTING) {
                socket.onopen = () => socket.close(); // to close it earlier would be complained of on the console
            } else {
                socket.close();
            }
        },
    };
}

function byPolling(url, seen, told) {
    const end = new AbortController();
    poll(url, seen, told, end.signal);
    return { close: () => end.abort() };
}

async function poll(url, seen, told, signal) {
    let after = seen;
    try {
        while (true) {
            const polled = fetch(behind(url, after), { signal, cache: "no-store" });
            told.open();
            const response = await polled;
            if (!response.ok) {
                throw new Error(response.statusText);
            }
            for (const line of (await response.text()).split("\n").filter(line => line !== "")) {
                const { id, data, stale } = JSON.parse(line);
                if (stale === undefined) {
                    told.message(data, id);
                } else {
                    told.stale();
                }
            }
            after = response.headers.get("Last-Event-ID") ?? after;
            told.place(after);
        }
    } catch {
        if (!signal.aborted) {
            told.lost();
        }
    }
}
