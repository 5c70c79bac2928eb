import { showBody, showState } from "./answer.js";
import { LatencyCloud } from "./charts.js";
import { milliseconds } from "./dom.js";

const SOCKETS = 50;
const MESSAGES = 20;
const OPENED_AT_ONCE = 5; // Chromium delays sockets by seconds when many are being opened
const PATIENCE = 10_000;

/** The address of a WebSocket: of a URL, or of a path on the server that this page came from. */
export function socketAddress(of) {
    const address = new URL(of, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    return address;
}

export async function echo({ form, answer }) {
    const socket = await open("/echo");
    try {
        const said = form.elements.text.value;
        const heard = next(socket, () => true);
        const started = performance.now();
        socket.send(form.elements.as.value === "text" ? said : new TextEncoder().encode(said));
        const { data } = await heard;
        showState(answer, "Echoed", true, [milliseconds(performance.now() - started)]);
        showBody(answer, typeof data === "string" ? data : hex(data));
    } finally {
        socket.close(1000, "heard enough");
    }
}

/** Opens many sockets; each message goes to the server once, and comes back to all of them. */
export async function broadcast({ card, answer }) {
    showState(answer, "Opening", true, [`${SOCKETS} sockets`]);
    const began = performance.now();
    const sockets = [];
    try {
        while (sockets.length < SOCKETS) {
            sockets.push(...await Promise.all(Array.from({ length: OPENED_AT_ONCE }, () => open("/broadcast"))));
        }
        const opening = performance.now() - began;
        const cloud = new LatencyCloud(card.querySelector(".cloud"), MESSAGES);
        const all = [];
        for (let i = 0; i < MESSAGES; i++) {
            const latencies = await round(sockets, sockets[i], `message ${i} of ${Math.random()}`);
            cloud.add(latencies.sort((a, b) => a - b));
            all.push(...latencies);
        }
        all.sort((a, b) => a - b);
        const part = share => milliseconds(all[Math.ceil(share * all.length) - 1]);
        showState(answer, `${sockets.length} sockets`, true, [
            `open after ${milliseconds(opening)}`, `${MESSAGES} messages heard ${all.length} times`,
            `median ${part(0.5)}`, `99 % in ${part(0.99)}`, `slowest ${part(1)}`,
        ]);
    } finally {
        sockets.forEach(socket => socket.close());
    }
}

/** How long it takes each socket to hear what one of them says. */
async function round(sockets, speaker, text) {
    const started = performance.now();
    const heard = sockets.map(async socket => {
        await next(socket, data => data === text);
        return performance.now() - started;
    });
    speaker.send(text);
    return Promise.all(heard);
}

function open(path) {
    return new Promise((resolve, reject) => {
        const socket = new WebSocket(socketAddress(path));
        socket.binaryType = "arraybuffer";
        socket.addEventListener("open", () => resolve(socket));
        socket.addEventListener("close", () => reject(new Error("The WebSocket could not be opened. Check that the server still runs, then try again.")));
    });
}

/** The next message that is wanted; those of other windows are not. */
function next(socket, isWanted) {
    return new Promise((resolve, reject) => {
        const done = new AbortController();
        const fail = text => {
            done.abort();
            reject(new Error(text));
        };
        const late = setTimeout(fail, PATIENCE, `Nothing was heard for ${PATIENCE / 1000} seconds. Try again.`);
        done.signal.addEventListener("abort", () => clearTimeout(late));
        socket.addEventListener("close", event => fail(`The WebSocket was closed with ${event.code}. Check that the server still runs, then try again.`), { signal: done.signal });
        socket.addEventListener("message", message => {
            if (isWanted(message.data)) {
                done.abort();
                resolve(message);
            }
        }, { signal: done.signal });
    });
}

function hex(buffer) {
    const bytes = [...new Uint8Array(buffer)].map(each => each.toString(16).padStart(2, "0"));
    return `${bytes.length} bytes: ${bytes.join(" ")}`;
}
