// Five stages in RxJS, synchronous.
import { Observable, count, filter, map } from "rxjs";

const rows = Number(process.argv[2] ?? 1e6);
const source = new Observable((subscriber) => {
  for (let id = 0; id < rows; ++id) subscriber.next({ id, ts: id * 1000, value: id % 1000 });
  subscriber.complete();
});
const start = performance.now();
source
  .pipe(
    map((row) => ({ ...row, value: row.value * 2 + 1 })),
    filter((row) => row.id % 10 !== 0),
    map((row) => ({ ...row, value: row.value - 1 })),
    count(),
  )
  .subscribe((n) => console.log(`seconds ${(performance.now() - start) / 1000}\ncount ${n}`));
