// Five stages as others run them: source, x*2+1, drop one in ten, x-1, count and sum.
import { Observable, Subject, filter, map, reduce, type OperatorFunction } from 'rxjs'

export interface Totals {
  rows: number
  sum: number
}

export interface Timed extends Totals {
  seconds: number
}

interface Row {
  id: number
  ts: number
  value: number
}

export const PEERS = ['closures', 'rxjs', 'rxjsSubject', 'webStreams', 'webStreamsOf1000'] as const
export type Peer = (typeof PEERS)[number]

const CHUNK = 1000

const makeRow = (id: number): Row => ({ id, ts: id * 1000, value: id })
const scale = (row: Row): Row => ({ id: row.id, ts: row.ts, value: row.value * 2 + 1 })
const isKept = (row: Row): boolean => row.id % 10 !== 0
const shift = (row: Row): Row => ({ id: row.id, ts: row.ts, value: row.value - 1 })
const nothing = (): Totals => ({ rows: 0, sum: 0 })

function count(totals: Totals, row: Row): Totals {
  totals.rows++
  totals.sum += row.value
  return totals
}

function closures(rows: number): Totals {
  type Next = (row: Row) => void
  const mapped =
    (change: (row: Row) => Row) =>
    (next: Next): Next =>
    (row) => {
      next(change(row))
    }
  const filtered =
    (test: (row: Row) => boolean) =>
    (next: Next): Next =>
    (row) => {
      if (test(row)) next(row)
    }
  const totals = nothing()
  const last: Next = (row) => {
    count(totals, row)
  }
  const first = mapped(scale)(filtered(isKept)(mapped(shift)(last)))
  for (let id = 0; id < rows; id++) first(makeRow(id))
  return totals
}

const stages: [OperatorFunction<Row, Row>, OperatorFunction<Row, Row>, OperatorFunction<Row, Row>] = [
  map(scale),
  filter(isKept),
  map(shift)
]

function rxjs(rows: number): Totals {
  const source = new Observable<Row>((subscriber) => {
    for (let id = 0; id < rows; id++) subscriber.next(makeRow(id))
    subscriber.complete()
  })
  let totals = nothing()
  source.pipe(...stages, reduce(count, nothing())).subscribe((all) => (totals = all))
  return totals
}

function rxjsSubject(rows: number): Totals {
  const subject = new Subject<Row>()
  let totals = nothing()
  subject.pipe(...stages, reduce(count, nothing())).subscribe((all) => (totals = all))
  for (let id = 0; id < rows; id++) subject.next(makeRow(id))
  subject.complete()
  return totals
}

const stage = <T>(transform: (chunk: T, out: TransformStreamDefaultController<T>) => void): TransformStream<T, T> =>
  new TransformStream<T, T>({ transform })

async function webStreams(rows: number): Promise<Totals> {
  const totals = nothing()
  let next = 0
  const source = new ReadableStream<Row>({
    pull: (out) => {
      if (next < rows) out.enqueue(makeRow(next++))
      else out.close()
    }
  })
  await source
    .pipeThrough(
      stage<Row>((row, out) => {
        out.enqueue(scale(row))
      })
    )
    .pipeThrough(
      stage<Row>((row, out) => {
        if (isKept(row)) out.enqueue(row)
      })
    )
    .pipeThrough(
      stage<Row>((row, out) => {
        out.enqueue(shift(row))
      })
    )
    .pipeTo(new WritableStream<Row>({ write: (row) => void count(totals, row) }))
  return totals
}

async function webStreamsOf1000(rows: number): Promise<Totals> {
  const totals = nothing()
  let next = 0
  const source = new ReadableStream<Row[]>({
    pull: (out) => {
      const size = Math.min(CHUNK, rows - next)
      if (size > 0) out.enqueue(Array.from({ length: size }, () => makeRow(next++)))
      if (next >= rows) out.close()
    }
  })
  await source
    .pipeThrough(
      stage<Row[]>((chunk, out) => {
        out.enqueue(chunk.map(scale))
      })
    )
    .pipeThrough(
      stage<Row[]>((chunk, out) => {
        out.enqueue(chunk.filter(isKept))
      })
    )
    .pipeThrough(
      stage<Row[]>((chunk, out) => {
        out.enqueue(chunk.map(shift))
      })
    )
    .pipeTo(
      new WritableStream<Row[]>({
        write: (chunk) => {
          for (const row of chunk) count(totals, row)
        }
      })
    )
  return totals
}

const WORK: Record<Peer, (rows: number) => Totals | Promise<Totals>> = {
  closures,
  rxjs,
  rxjsSubject,
  webStreams,
  webStreamsOf1000
}

export async function runPeer(peer: Peer, rows: number): Promise<Timed> {
  const from = performance.now()
  const totals = await WORK[peer](rows)
  return { ...totals, seconds: (performance.now() - from) / 1000 }
}
