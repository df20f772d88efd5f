// The peer of fan-out.py: Node.js with `ws`, a message of 200 bytes ten times a second to everybody who is connected.
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(process.env.WEIR_NODE_PACKAGES)("ws");
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("listening", () => console.log(`listening at http://127.0.0.1:${server.address().port}`));
setInterval(() => {
  const head = `{"v":1,"type":"rows","data":{"rows":[{"sentMs":${Date.now()},"note":"`;
  const text = head + "x".repeat(200 - head.length - 5) + '"}]}}';
  for (const client of server.clients) client.send(text);
}, 100);
