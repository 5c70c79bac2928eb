// Speaks with an echo server on the port given, by node's package ws, with and without compression.
const assert = require("assert");
const { once } = require("events");
const WebSocket = require("ws");

const port = process.argv[2];

async function talk(perMessageDeflate) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, "echo", { perMessageDeflate });
  const next = (event) => once(socket, event);
  await next("open");
  assert.strictEqual(socket.protocol, "echo");
  assert.strictEqual(socket.extensions.startsWith("permessage-deflate"), perMessageDeflate);
  for (const size of [0, 1, 125, 126, 65535, 65536, 1 << 20]) {
    const text = "ä".repeat(size);
    socket.send(text);
    const [echoed, isBinary] = await next("message");
    assert.strictEqual(isBinary, false);
    assert.strictEqual(echoed.toString(), text);
    const bytes = Buffer.alloc(size, 7);
    socket.send(bytes);
    const [same] = await next("message");
    assert.ok(bytes.equals(same));
  }
  socket.send("in ", { fin: false });
  socket.send("parts", { fin: true });
  assert.strictEqual((await next("message"))[0].toString(), "in parts");
  socket.ping("there?");
  assert.strictEqual((await next("pong"))[0].toString(), "there?");
  socket.close(4001, "bye");
  assert.strictEqual((await next("close"))[0], 4001);
}

talk(false).then(() => talk(true)).then(
  () => console.log("all as expected"),
  (failure) => {
    console.log(failure);
    process.exit(1);
  });
