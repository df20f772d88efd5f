// Clients of fan-out.py: so many connections, by WebSocket or as Server-Sent Events, on bare sockets, since the bench is
// about the other side. Prints {connected}, then after `begin` and another line of input how many
// messages came, and how long after the first client that had them.
import net from "node:net";

const [port, kind, count, path, first] = process.argv.slice(2);
const took = [];
const rows = new Map(); // by when they were made: when the first client had them, to how many they came, how late the first was
let messages = 0;
let connected = 0;
let measuring = false;

/** A text message of a client, masked with zeros. */
function framed(text) {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? Buffer.from([0x81, 0x80 | payload.length]) : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

function heard(data) {
  for (let at = data.indexOf('"sentMs":'); at >= 0; at = data.indexOf('"sentMs":', at + 1)) {
    if (!measuring) continue;
    const sent = data.toString("latin1", at + 9, at + 22);
    const now = performance.now();
    let row = rows.get(sent);
    if (!row) rows.set(sent, (row = { firstAt: now, came: 0, late: Date.now() - Number(sent) }));
    ++messages;
    ++row.came;
    took.push(now - row.firstAt);
  }
}

function connect() {
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), "127.0.0.1");
    socket.setNoDelay(true);
    const upgrade = kind === "ws" ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" : "Accept: text/event-stream\r\n";
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${upgrade}\r\n`);
    socket.once("data", (data) => {
      const status = data.toString("latin1", 9, 12);
      if (status !== "101" && status !== "200") return reject(new Error(data.toString()));
      ++connected;
      if (kind === "ws" && first) socket.write(framed(first));
      socket.on("data", heard);
      resolve();
    });
    socket.on("error", reject);
    socket.on("close", () => --connected);
  });
}

for (let made = 0; made < Number(count); made += 100) {
  await Promise.all(Array.from({ length: Math.min(100, Number(count) - made) }, connect));
}
console.log(JSON.stringify({ connected }));
for await (const line of process.stdin) {
  if (line.toString().startsWith("begin")) {
    measuring = true;
    continue;
  }
  took.sort((a, b) => a - b);
  const late = [...rows.values()].map((row) => row.late).sort((a, b) => a - b);
  // The first and the last were cut off by the beginning and the end.
  const whole = [...rows.values()].slice(1, -1);
  const lost = 1 - whole.reduce((sum, row) => sum + row.came, 0) / (whole.length * Number(count));
  console.log(JSON.stringify({ connected, messages, lost: Number(lost.toFixed(4)), p50: took[took.length >> 1], p99: took[Math.floor(took.length * 0.99)], row50: late[late.length >> 1] }));
  process.exit(0);
}
