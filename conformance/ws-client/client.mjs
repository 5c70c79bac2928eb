// Talks to the probe's /ws as the npm package "ws" does it: node client.mjs PORT. Exits with 1 if anything is amiss.
import assert from "node:assert/strict";
import { once } from "node:events";
import WebSocket from "ws";

const PATIENCE = 10_000;

const checks = {
    async "text is echoed"(options) {
        await echoes(options, ["grüezi 👋", "", "x".repeat(125), "x".repeat(126), "x".repeat(65_535), "x".repeat(65_536)]);
    },
    async "bytes are echoed"(options) {
        await echoes(options, [Buffer.alloc(0), Buffer.from([0, 1, 255]), bytes(70_000)]);
    },
    async "one mebibyte is echoed"(options) {
        await echoes(options, [bytes(1 << 20), "ü".repeat(1 << 19)]);
    },
    async "a thousand messages come back in order"(options) {
        await echoes(options, Array.from({ length: 1000 }, (_, i) => i % 2 === 0 ? `message ${i}` : Buffer.from([i >> 8, i & 255])));
    },
    async "fragments make one message, even if they divide a character"(options) {
        await using(options, async socket => {
            const text = Buffer.from("fragmented: grüezi 👋");
            for (let i = 0; i < text.length; i++) {
                socket.send(text.subarray(i, i + 1), { binary: false, fin: i === text.length - 1 });
            }
            assert.deepEqual(await message(socket), text.toString());
        });
    },
    async "a ping between fragments is answered before the message"(options) {
        await using(options, async socket => {
            const events = [];
            socket.on("pong", payload => events.push(`pong ${payload}`));
            socket.send(Buffer.from([1, 2]), { fin: false });
            socket.ping("between");
            socket.send(Buffer.from([3]), { fin: true });
            events.push(await message(socket));
            assert.deepEqual(events, ["pong between", Buffer.from([1, 2, 3])]);
        });
    },
    async "a ping is answered with its payload"(options) {
        await using(options, async socket => {
            for (const payload of ["", "x", "x".repeat(125)]) {
                socket.ping(payload);
                const [answer] = await soon(socket, "pong");
                assert.equal(answer.toString(), payload);
            }
            socket.pong("nobody asked");
            socket.send("still there?");
            assert.equal(await message(socket), "still there?");
        });
    },
    async "a close is answered with its code"(options) {
        for (const [code, reason] of [[1000, ""], [1001, "going away"], [3000, "an own code"], [4999, "x".repeat(123)]]) {
            await using(options, async socket => {
                socket.close(code, reason);
                const [answer] = await soon(socket, "close");
                assert.equal(answer, code);
            });
        }
    },
    async "a close without a code is answered without one"(options) {
        await using(options, async socket => {
            socket.close();
            const [code, reason] = await soon(socket, "close");
            assert.deepEqual([code, reason.toString()], [1005, ""]);
        });
    },
    async "what was sent before the close is echoed before the close"(options) {
        await using(options, async socket => {
            const heard = [];
            socket.on("message", data => heard.push(data.toString()));
            socket.send("one");
            socket.send("two");
            socket.close(1000);
            await soon(socket, "close");
            assert.deepEqual(heard, ["one", "two"]);
        });
    },
    async "text that is no UTF-8 ends with 1007"(options) {
        await using(options, async socket => {
            socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
            const [code] = await soon(socket, "close");
            assert.equal(code, 1007);
        });
    },
    async "another version is refused with 426 and the version that is spoken"(options) {
        const socket = new WebSocket(address, { ...options, protocolVersion: 8 });
        const [, response] = await soon(socket, "unexpected-response");
        assert.equal(response.statusCode, 426);
        assert.equal(response.headers["sec-websocket-version"], "13");
        response.destroy();
    },
};

function bytes(count) {
    return Buffer.alloc(count).map((_, i) => i * 31 + (i >> 8));
}

/** Sends all at once, and expects all to come back as they were. */
async function echoes(options, messages) {
    await using(options, async socket => {
        const heard = [];
        const all = new Promise(resolve => socket.on("message", (data, isBinary) => {
            heard.push(isBinary ? data : data.toString());
            if (heard.length === messages.length) {
                resolve();
            }
        }));
        messages.forEach(each => socket.send(each));
        await Promise.race([all, soon(socket, "close")]);
        assert.deepEqual(heard, messages);
    });
}

async function using(options, use) {
    const socket = new WebSocket(address, options);
    socket.on("error", () => {}); // whoever waits for an event is told as well
    try {
        await soon(socket, "open");
        await use(socket);
    } finally {
        socket.terminate();
    }
}

async function message(socket) {
    const [data, isBinary] = await soon(socket, "message");
    return isBinary ? data : data.toString();
}

/** The arguments of the socket's next event of that name. Fails if none comes in time, or before an error or the close. */
async function soon(socket, event) {
    const signal = AbortSignal.timeout(PATIENCE);
    const next = once(socket, event, { signal });
    if (event === "close") {
        return next;
    }
    const close = once(socket, "close", { signal });
    return Promise.race([next, close.then(([code]) => assert.fail(`closed with ${code}, no ${event}`))]);
}

const port = Number(process.argv[2]);
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    console.error("Usage: node client.mjs PORT");
    process.exit(2);
}
const address = `ws://127.0.0.1:${port}/ws`;
let failed = 0;
for (const perMessageDeflate of [false, { threshold: 0 }]) {
    for (const [name, check] of Object.entries(checks)) {
        const title = perMessageDeflate ? `${name} (deflate offered)` : name;
        try {
            await check({ perMessageDeflate, handshakeTimeout: PATIENCE });
            console.log(`ok      ${title}`);
        } catch (failure) {
            failed++;
            console.log(`FAILED  ${title}: ${failure.message}`);
        }
    }
}
const total = 2 * Object.keys(checks).length;
console.log(`${total - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
