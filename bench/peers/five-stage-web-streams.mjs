// Five stages as Web Streams, a chunk a row.
const rows = Number(process.argv[2] ?? 1e5);
let next = 0;
const source = new ReadableStream({
  pull(controller) {
    if (next >= rows) return controller.close();
    controller.enqueue({ id: next, ts: next * 1000, value: next % 1000 });
    ++next;
  },
});
const stage = (transform) => new TransformStream({ transform });
let count = 0;
const start = performance.now();
await source
  .pipeThrough(stage((row, out) => out.enqueue({ ...row, value: row.value * 2 + 1 })))
  .pipeThrough(stage((row, out) => row.id % 10 !== 0 && out.enqueue(row)))
  .pipeThrough(stage((row, out) => out.enqueue({ ...row, value: row.value - 1 })))
  .pipeTo(new WritableStream({ write: () => void ++count }));
console.log(`seconds ${(performance.now() - start) / 1000}\ncount ${count}`);
