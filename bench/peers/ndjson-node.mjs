// The NDJSON job in Node.js: a line at a time through JSON.parse.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

let count = 0;
let sum = 0;
for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  const row = JSON.parse(line);
  if (row.event === "rate") {
    ++count;
    sum += row.amount;
  }
}
console.log(count, sum);
