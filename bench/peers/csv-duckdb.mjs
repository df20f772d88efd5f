// The CSV job in DuckDB, with the schema given and two threads.
import { DuckDBInstance } from "@duckdb/node-api";

const folder = process.argv[2];
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const connection = await instance.connect();
const start = performance.now();
const reader = await connection.runAndReadAll(`
  SELECT region, count(*), sum(quantity), avg(quantity), min(price), max(price)
  FROM read_csv('${folder}/*.csv', header = true, columns = {
    'id': 'BIGINT', 'timestamp': 'VARCHAR', 'region': 'VARCHAR', 'product': 'VARCHAR',
    'quantity': 'BIGINT', 'price': 'DOUBLE', 'note': 'VARCHAR'})
  GROUP BY region ORDER BY region`);
console.log(`seconds ${(performance.now() - start) / 1000}\nrows ${reader.getRows().length}`);
