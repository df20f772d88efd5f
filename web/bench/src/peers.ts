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

export const PEERS = ['closures', 'handWritten', 'rxjs', 'rxjsSubject', 'webStreams', 'webStreamsOf1000'] as const
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

type Next = (row: Row) => void
type Stage = { map: (row: Row) => Row } | { filter: (row: Row) => boolean }

/** What a flow document says of its stages. */
type Setting = { times: number; plus: number } | { dropEvery: number }

function makeStage(setting: Setting): Stage {
  if ('dropEvery' in setting) {
    const { dropEvery } = setting
    return { filter: (row) => row.id % dropEvery !== 0 }
  }
  const { times, plus } = setting
  return { map: (row) => ({ id: row.id, ts: row.ts, value: row.value * times + plus }) }
}

/** Puts a pipeline together as one has to that learns from a document what its stages are. */
function pipeline(settings: readonly Setting[], last: Next): Next {
  return settings.map(makeStage).reduceRight<Next>((next, stage) => {
    if ('map' in stage) {
      return (row) => {
        next(stage.map(row))
      }
    }
    return (row) => {
      if (stage.filter(row)) next(row)
    }
  }, last)
}

const SETTINGS: readonly Setting[] = [{ times: 2, plus: 1 }, { dropEvery: 10 }, { times: 1, plus: -1 }]
/** A page has more than one pipeline: the compiler has seen others before the one that is measured. */
const OTHERS: readonly (readonly Setting[])[] = [
  [{ dropEvery: 3 }, { times: -1, plus: 0 }],
  [{ times: 0.5, plus: 2 }, { times: 3, plus: 0 }, { dropEvery: 7 }]
]
const OTHER_ROWS = 100_000

function push(settings: readonly Setting[], rows: number): Totals {
  const totals = nothing()
  const first = pipeline(settings, (row) => {
    count(totals, row)
  })
  for (let id = 0; id < rows; id++) first(makeRow(id))
  return totals
}

/** The same written out for these stages only: the compiler makes one loop of it in which no row exists. */
function handWritten(rows: number): Totals {
  const totals = nothing()
  for (let id = 0; id < rows; id++) {
    const row = scale(makeRow(id))
    if (isKept(row)) count(totals, shift(row))
  }
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
  closures: (rows) => push(SETTINGS, rows),
  handWritten,
  rxjs,
  rxjsSubject,
  webStreams,
  webStreamsOf1000
}

export async function runPeer(peer: Peer, rows: number): Promise<Timed> {
  if (peer === 'closures') for (const others of OTHERS) push(others, OTHER_ROWS)
  const from = performance.now()
  const totals = await WORK[peer](rows)
  return { ...totals, seconds: (performance.now() - from) / 1000 }
}
