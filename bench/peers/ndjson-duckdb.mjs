// The NDJSON job in DuckDB, with the two columns given.
import { DuckDBInstance } from "@duckdb/node-api";

const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const connection = await instance.connect();
const start = performance.now();
const reader = await connection.runAndReadAll(`
  SELECT count(*), sum(amount) FROM read_json('${process.argv[2]}', format = 'newline_delimited',
    columns = {'event': 'VARCHAR', 'amount': 'DOUBLE'}) WHERE event = 'rate'`);
console.log(`seconds ${(performance.now() - start) / 1000}\n${reader.getRows()}`);
