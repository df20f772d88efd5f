// What a WebSocket client that nobody here wrote (ws) sees of /api/v1/live: node websocket.mjs PORT TOKEN. Each trial is a
// connection of its own; prints one JSON object, by trial what came back.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';

const [port, token] = process.argv.slice(2);
const PATIENCE_MS = 60_000;

function connect(headers = { authorization: `Bearer ${token}` }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, { headers });
  const seen = { messages: [], pongs: 0 };
  socket.on('message', (data, binary) => seen.messages.push(binary ? { bytes: data.length } : JSON.parse(data)));
  socket.on('pong', () => seen.pongs++);
  socket.on('error', (error) => (seen.error = error.message));
  socket.on('unexpected-response', (_, response) => (seen.refused = response.statusCode));
  socket.on('close', (code, reason) => (seen.closed = { code, reason: String(reason) }));
  return { socket, seen };
}

async function until(holds) {
  const ends = Date.now() + PATIENCE_MS;
  while (!holds() && Date.now() < ends) await new Promise((resolve) => setTimeout(resolve, 5));
}

const hello = (id) => JSON.stringify({ v: 1, type: 'hello', id });

/** Opens, does something, and waits until `ends` holds of what was seen. */
async function trial(act, ends, headers) {
  const { socket, seen } = connect(headers);
  await Promise.race([once(socket, 'open'), once(socket, 'close').catch(() => {}), once(socket, 'error').catch(() => {}), until(() => seen.refused)]);
  if (socket.readyState === WebSocket.OPEN) await act(socket);
  await until(() => ends(seen));
  socket.terminate();
  return seen;
}

const closed = (seen) => seen.closed !== undefined;
const answered = (count) => (seen) => seen.messages.length >= count || closed(seen);
/** A frame as bytes: for what ws does not send by itself. */
function frame(first, payload, { masked = true, length } = {}) {
  const size = length ?? payload.length;
  const head = size < 126 ? [first, size] : size < 65536 ? [first, 126, size >> 8, size & 255] : [first, 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((by) => (size >>> by) & 255)];
  if (!masked) return Buffer.concat([Buffer.from(head), payload]);
  head[1] |= 128;
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from(head), mask, payload.map((byte, i) => byte ^ mask[i % 4])]);
}
const raw = (...frames) => (socket) => socket._socket.write(Buffer.concat(frames));
const text = (words) => Buffer.from(words);

const trials = {
  greets: () => trial((socket) => socket.send(hello('1')), answered(1)),
  fragments: () =>
    trial((socket) => {
      const words = hello('two');
      socket.send(words.slice(0, 7), { fin: false });
      socket.ping('between');
      socket.send(words.slice(7, 9), { fin: false });
      socket.send('', { fin: false });
      socket.send(words.slice(9), { fin: true });
    }, (seen) => seen.messages.length > 0 && seen.pongs > 0),
  aCharacterInTwoFragments: () =>
    trial((socket) => {
      const words = Buffer.from(hello('ä€😀'));
      const cut = words.indexOf(0xf0) + 2;
      socket.send(words.subarray(0, cut), { fin: false, binary: false });
      socket.send(words.subarray(cut), { fin: true, binary: false });
    }, answered(1)),
  closesWithItsOwnCode: () => trial((socket) => socket.close(4321, 'for a reason'), closed),
  closesWithoutACode: () => trial((socket) => socket.close(), closed),
  invalidUtf8: () => trial((socket) => socket.send(Buffer.from([0x7b, 0xc3, 0x28]), { binary: false }), closed),
  binary: () => trial((socket) => socket.send(Buffer.from([1, 2, 3])), closed),
  unmasked: () => trial((socket) => socket.send(hello('1'), { mask: false }), closed),
  tooLarge: () => trial((socket) => socket.send('x'.repeat(11 << 20)), closed),
  tooLargeInFragments: () =>
    trial((socket) => {
      for (let i = 0; i < 12; i++) socket.send('x'.repeat(1 << 20), { fin: false });
    }, closed),
  tooLargeAsAnnounced: () => trial(raw(frame(0x81, text(''), { length: 1 << 30 })), closed),
  tooLargeForAControl: () => trial((socket) => socket.send(JSON.stringify({ v: 1, type: 'ping', id: 'x'.repeat(100_000) })), answered(1)),
  reservedBits: () => trial(raw(frame(0xc1, text('x'))), closed),
  reservedKind: () => trial(raw(frame(0x83, text('x'))), closed),
  continuesNothing: () => trial(raw(frame(0x80, text('x'))), closed),
  beginsInTheMiddle: () => trial(raw(frame(0x01, text('a')), frame(0x81, text('b'))), closed),
  pingInPieces: () => trial(raw(frame(0x09, text('a'))), closed),
  pingTooLong: () => trial(raw(frame(0x89, Buffer.alloc(126))), closed),
  closeOfOneByte: () => trial(raw(frame(0x88, text('x'))), closed),
  closeWithAReservedCode: () => trial(raw(frame(0x88, Buffer.from([3, 0xed]))), closed),
  garbage: () => trial(raw(randomBytes(4096)), closed),
  noJson: () => trial((socket) => socket.send('{"v": 1,'), answered(1)),
  nestedDeep: () => trial((socket) => socket.send('['.repeat(60_000)), answered(1)),
  unknown: () => trial((socket) => socket.send(JSON.stringify({ v: 1, type: 'fly', id: '9' })), answered(1)),
  flood: () =>
    trial((socket) => {
      for (let i = 0; i < 2_000; i++) socket.send(hello(String(i)));
    }, closed),
  pingsThatNobodyReads: () =>
    trial(async (socket) => {
      socket.pause();
      for (let i = 0; i < 20_000; i++) socket.ping('x'.repeat(100));
      await new Promise((resolve) => setTimeout(resolve, 500));
      socket.resume();
    }, (seen) => seen.pongs === 20_000 || closed(seen)),
  unsigned: () => trial(() => {}, (seen) => closed(seen) || seen.refused, {}),
};

const results = {};
for (const [name, run] of Object.entries(trials)) results[name] = await run();
for (const seen of Object.values(results)) seen.messages.length = Math.min(seen.messages.length, 3);
process.stdout.write(JSON.stringify(results), () => process.exit(0));
