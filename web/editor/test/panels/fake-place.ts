// A place and runs for tests: rows of orders, figures that are set by hand, formulas of the simplest kind.
import { batchOfRows } from '@weir/engine-client'
import type { Batch, HeldRow, Tap, TapCounts, TapOptions } from '@weir/engine-client'
import { createStore } from 'zustand/vanilla'
import { columnsIn } from '../../src/formula/cel-tokens.ts'
import { isOpaque, readConditions } from '../../src/formula/conditions.ts'
import type { Condition } from '../../src/formula/conditions.ts'
import { FigureStore } from '../../src/run/figure-store.ts'
import type {
  Completion,
  Field,
  FormulaCheck,
  LogLine,
  RunFacts,
  RunPlace,
  ShownRun,
  StartOptions
} from '../../src/run/shown-run.ts'

const kRegions = ['north', 'east', 'coast', 'south', 'west', 'island']

/** Orders, each with the same values whenever they are asked for. */
export function orders(count: number, from = 0): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, i) => {
    const id = from + i
    return {
      id: 5_240_000 + id,
      status: id % 4 === 3 ? 'open' : 'paid',
      region: kRegions[(id * 7) % 6],
      quantity: (id * 5) % 13,
      price: 99.5 + ((id * 37) % 900),
      note: id % 3 === 0 ? `call before ${id % 12}` : null
    }
  })
}

/** With a column of times. */
export function orderBatch(count: number, from = 0): Batch {
  const batch = batchOfRows(orders(count, from))
  const start = 1_772_623_207_120_000n
  const values = BigInt64Array.from({ length: count }, (_, i) => start + BigInt((from + i) * 160_000))
  const time = { name: 'timestamp', kind: 'timestamp' as const, format: 'tsu:UTC', length: count, nullCount: 0, values }
  const [id, ...others] = batch.columns
  return { ...batch, columns: id === undefined ? [time] : [id, time, ...others] }
}

function holds(condition: Condition, row: Record<string, unknown>): boolean {
  const value = row[condition.column]
  const given = condition.values.map(({ kind, text }) =>
    kind === 'number' ? Number(text) : kind === 'bool' ? text === 'true' : text
  )
  const [first] = given
  const text = typeof value === 'string' ? value : ''
  switch (condition.comparison) {
    case 'is':
      return value === first
    case 'isNot':
      return value !== first
    case 'over':
      return Number(value) > Number(first)
    case 'atLeast':
      return Number(value) >= Number(first)
    case 'under':
      return Number(value) < Number(first)
    case 'atMost':
      return Number(value) <= Number(first)
    case 'contains':
      return text.includes(String(first))
    case 'oneOf':
      return given.includes(value as string)
    case 'isEmpty':
      return value === null
    default:
      return value !== null
  }
}

/** A condition, or a product of columns and numbers. */
function evaluated(text: string, row: Record<string, unknown>): { value?: unknown; error?: string } {
  const product = text.split('*').map((factor) => {
    const column = columnsIn(factor)[0]
    return column === undefined ? Number(factor) : Number(row[column])
  })
  if (/^[\w."[\] ]+(\*[\w."[\] ]+)+$/.test(text) && product.every((factor) => !Number.isNaN(factor)))
    return { value: product.reduce((made, factor) => made * factor, 1) }
  const read = readConditions(text)
  if (read === undefined || read.parts.some(isOpaque)) return { error: 'division by zero' }
  const parts = read.parts.map((part) => !isOpaque(part) && holds(part, row))
  return { value: read.join === 'all' ? parts.every(Boolean) : parts.some(Boolean) }
}

const kFunctions: readonly Completion[] = [
  { label: 'contains', kind: 'function', type: 'bool', help: 'Whether a text is in this one.' },
  { label: 'size', kind: 'function', type: 'int', help: 'How many characters, elements or members there are.' }
]

export class FakePlace implements RunPlace {
  readonly id = 'browser'
  readonly name = 'This browser'
  readonly away = createStore(() => ({ reason: '' }))
  readonly started: { text: string; options: StartOptions }[] = []
  nodes = (): Promise<[]> => Promise.resolve([])
  check = (): Promise<[]> => Promise.resolve([])

  start(text: string, options: StartOptions): Promise<FakeRun> {
    this.started.push({ text, options })
    return Promise.resolve(new FakeRun('sample', 'Sample', 'done'))
  }

  checkFormula(text: string, fields: readonly Field[], expects = ''): Promise<FormulaCheck> {
    const unknown = columnsIn(text).find((name) => !fields.some((field) => field.name === name))
    if (unknown !== undefined) {
      const from = Math.max(0, text.indexOf(unknown))
      const message = `there is no field '${unknown}'.`
      return Promise.resolve({
        type: '',
        problems: [{ from, to: from + unknown.length, message, suggestion: "Did you mean 'status'?" }]
      })
    }
    const condition = readConditions(text)?.parts.every((part) => !isOpaque(part)) ?? false
    const type = condition ? 'bool' : 'double'
    const problems =
      expects === 'bool' && !condition ? [{ from: 0, to: text.length, message: `expected bool, found ${type}.` }] : []
    return Promise.resolve({ type, problems })
  }

  completions(text: string, at: number, fields: readonly Field[]): Promise<readonly Completion[]> {
    const before = text.slice(0, at).replace(/\w*$/, '')
    if (!before.endsWith('row.'))
      return Promise.resolve([
        { label: 'row', kind: 'variable', type: 'row', help: 'The row that comes in.' },
        ...kFunctions
      ])
    return Promise.resolve(
      fields.map(({ name, type }) => ({ label: name, kind: 'field', type, help: `A column of type ${type}.` }))
    )
  }

  evaluate(text: string, rows: readonly Record<string, unknown>[]): Promise<{ value?: unknown; error?: string }[]> {
    return Promise.resolve(rows.map((row) => evaluated(text, row)))
  }
}

/** A tap whose rows and counts are given by hand. */
export class FakeTap implements Tap {
  counts: TapCounts | undefined
  readonly allFields = true
  closed = false
  readonly batches: ReadableStream<Batch>
  private controller: ReadableStreamDefaultController<Batch> | undefined

  constructor(readonly options: TapOptions) {
    this.batches = new ReadableStream<Batch>({
      start: (controller) => {
        this.controller = controller
      }
    })
  }

  give(batch: Batch, counts: TapCounts): void {
    this.counts = counts
    this.controller?.enqueue(batch)
  }

  close(): Promise<TapCounts | undefined> {
    if (!this.closed) this.controller?.close()
    this.closed = true
    return Promise.resolve(this.counts)
  }
}

export class FakeRun implements ShownRun {
  private static made = 0
  readonly id = `run-${++FakeRun.made}`
  readonly place = 'This browser'
  readonly figures = new FigureStore()
  readonly facts
  readonly log = createStore<{ lines: readonly LogLine[]; dropped: number }>(() => ({ lines: [], dropped: 0 }))
  readonly taps: FakeTap[] = []
  readonly acts: unknown[] = []
  letters: readonly unknown[] = []
  keptRows: readonly Batch[] | undefined = [orderBatch(300)]
  disposed = false
  private breakpoints = 0
  replay: NonNullable<ShownRun['replay']> = (letters) => {
    this.acts.push({ replay: letters })
    return Promise.resolve()
  }

  constructor(
    readonly kind: ShownRun['kind'],
    readonly label: string,
    status: RunFacts['status']
  ) {
    this.facts = createStore<RunFacts>(() => ({
      status,
      startedAt: 0,
      endedAt: status === 'running' ? undefined : 1840,
      rows: 300,
      rate: 0,
      aside: 0,
      dropped: 0,
      heldUpBy: undefined,
      progress: undefined,
      secondsLeft: undefined,
      failures: [],
      held: [] as HeldRow[],
      result: undefined,
      documentText: ''
    }))
  }

  tap(options: TapOptions): Promise<Tap> {
    const tap = new FakeTap(options)
    this.taps.push(tap)
    return Promise.resolve(tap)
  }

  rowsOf = (): Promise<readonly Batch[] | undefined> => Promise.resolve(this.keptRows)

  private act(what: unknown): Promise<void> {
    this.acts.push(what)
    return Promise.resolve()
  }

  addBreakpoint = async (options: object): Promise<number> => {
    const number = ++this.breakpoints
    await this.act({ add: options })
    return number
  }
  removeBreakpoint = (breakpoint: number): Promise<void> => this.act({ remove: breakpoint })
  goOn = (held: number, row?: Record<string, unknown>): Promise<void> =>
    this.act({ goOn: held, ...(row === undefined ? {} : { row }) })
  dropRow = (held: number): Promise<void> => this.act({ drop: held })
  stepRow = (held: number): Promise<void> => this.act({ step: held })
  deadLetters = (): Promise<readonly unknown[]> => Promise.resolve(this.letters)
  heldBack = (): Promise<[]> => Promise.resolve([])
  drain(): void {
    this.acts.push('drain')
  }
  cancel(): void {
    this.acts.push('cancel')
  }
  dispose(): void {
    this.disposed = true
  }
}
