// Reads with npm apache-arrow what interop.test.cpp wrote into the folder. 77: the package is not there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

let arrow;
try {
  arrow = await import("apache-arrow");
} catch {
  process.exit(77);
}

const folder = process.argv[2];
for (const name of ["sample.arrows", "envelope.arrows", "sample.arrow"]) {
  const table = arrow.tableFromIPC(readFileSync(`${folder}/${name}`));
  assert.equal(table.numRows, 40);
  assert.equal(table.schema.metadata.get("weir.version"), "1.2.0");
  for (let i = 0; i < 40; i++) {
    const row = table.get(i);
    assert.equal(row.id, BigInt(i));
    assert.equal(row.big, 2n ** 63n + BigInt(i));
    assert.equal(row.ratio, i % 5 === 0 ? null : i / 2);
    assert.equal(row.flag, i % 2 === 1);
    assert.equal(row.name, `name ${i}`);
    assert.equal(row.region, ["north", "east", "south", "west"][i % 4]);
    assert.equal(Buffer.from(row.raw).toString(), `r${i}`);
    assert.deepEqual([...row.tags], Array.from({ length: i % 3 }, (_, t) => `tag ${t}`));
    if (i % 4 === 3) assert.equal(row.point, null);
    else assert.equal(row.point.x, BigInt(i));
    assert.deepEqual([...row.matrix], [i, 1, 2, 3]);
    assert.equal(row.nothing, null);
  }
  if (name.startsWith("envelope")) assert.equal(table.get(30)["weir.envelope"].sequence, 130n);
}
