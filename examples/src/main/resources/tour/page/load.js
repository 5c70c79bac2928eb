import { socketAddress } from "./sockets.js";

const SENDERS = 5;
const SOCKETS = 40;

/** Keeps the server busy for a while: requests one after the other, and WebSockets that are merely open. */
export async function sendRequests(seconds, tick) {
    const end = performance.now() + 1000 * seconds;
    const sockets = Array.from({ length: SOCKETS }, () => new WebSocket(socketAddress("/broadcast")));
    const timer = setInterval(() => tick(Math.ceil((end - performance.now()) / 1000)), 250);
    try {
        await Promise.all(Array.from({ length: SENDERS }, () => send(end)));
    } finally {
        clearInterval(timer);
        sockets.forEach(socket => socket.close());
    }
}

async function send(end) {
    const paths = ["/hello", "/json", "/hello?name=load", "/source/Hello.java"];
    for (let i = 0; performance.now() < end; i++) {
        await (await fetch(paths[i % paths.length], { cache: "no-store" })).arrayBuffer();
    }
}
