// EnginePlace: a RunPlace over an Engine, wherever that is.
import { FlowError, asWeirError } from '@weir/engine-client'
import type { Engine, Execution, NodeType, PortName, RunOptions } from '@weir/engine-client'
import { parseJson, withSubjects } from '@weir/flow-model'
import type { DeepCheck, Problem } from '@weir/flow-model'
import { count } from '@weir/ui/figures/figures.ts'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { DocumentParts, TypeTable } from './document-parts.ts'
import { ExecutionRun } from './execution-run.ts'
import { Formulas } from './formulas.ts'
import type { FormulaResult } from './formulas.ts'
import { flowTexts, withoutKnownFlows } from './flow-texts.ts'
import { leadingTo, runDocument, subflowWithoutEffects } from './run-document.ts'
import type { RunDocument } from './run-document.ts'
import { ReaderFiles } from './reader-files.ts'
import { SampleFiles, globsOf, listFiles, readerKey } from './sample-files.ts'
import type { Run, SampledFiles } from './sample-files.ts'
import type { Completion, Field, FormulaCheck, LogLine, RunPlace, ShownRun, StartOptions } from './shown-run.ts'

/** Readers whose files are remembered. */
const kMostLooked = 20

export interface EnginePlaceOptions {
  id: RunPlace['id']
  name: string
  /** Asked each time; who gives it keeps it. */
  engine: () => Promise<Engine>
  /** Texts of the flows that a document uses as nodes, by id. */
  flows?: (documentText: string) => Promise<Record<string, string>>
  /** What else a run of this place is given: folders, checkpoints. */
  runOptions?: (options: StartOptions, documentText: string) => Promise<Record<string, unknown>>
  /** Milliseconds since 1970. */
  now?: () => number
}

/** Runs that it has started are the caller's to dispose of. */
export class EnginePlace implements RunPlace {
  /** Reads a flow that others use as a node; set by who has the flows' home open. Instead of `flows`. */
  readFlow: ((flow: string) => Promise<string>) | undefined
  readonly away: StoreApi<{ reason: string }> = createStore<{ reason: string }>(() => ({ reason: '' }))
  protected readonly now: () => number
  private readonly running = new Set<ExecutionRun>()
  private readonly formulas: Formulas
  private readonly files: SampleFiles
  private types: Promise<{ list: readonly NodeType[]; table: TypeTable }> | undefined

  constructor(protected readonly options: EnginePlaceOptions) {
    this.now = options.now ?? Date.now
    this.files = new SampleFiles(this.now)
    this.formulas = new Formulas(() => this.engine())
  }

  get id(): RunPlace['id'] {
    return this.options.id
  }
  get name(): string {
    return this.options.name
  }

  async nodes(): Promise<readonly NodeType[]> {
    return (await this.known()).list
  }

  readonly check: DeepCheck = async (text) => {
    const { problems } = await (await this.engine()).validate(text)
    const left = this.putsFlowsInPlace ? await withoutKnownFlows(problems, text, this.readFlow) : problems
    const read = parseJson(text)
    return read.ok ? withSubjects(left, read.value) : left
  }

  /** Of a document that uses flows as nodes it cannot be said here. */
  readonly whyNotSame = async (text: string): Promise<readonly string[]> => {
    const { deterministic, whyNotDeterministic = [] } = await (await this.engine()).validate(text)
    if (deterministic === undefined) return ['whether its result is the same each time is not known in this browser']
    return deterministic ? [] : whyNotDeterministic
  }

  /** Whether its runs take flows that a document uses as nodes. */
  protected readonly putsFlowsInPlace: boolean = true

  /** @throws FlowError with every problem of the document; `flow.unknown_node` for an `upTo` that is not there */
  async start(documentText: string, options: StartOptions): Promise<ShownRun> {
    const [engine, { table }] = await Promise.all([this.engine(), this.known()])
    const more = await this.options.runOptions?.(options, documentText)
    const files =
      options.kind === 'sample' ? await this.sampledFiles(documentText, options.upTo, engine, more) : undefined
    const texts = await this.textsOf(documentText)
    const document = runDocument(documentText, options, table, texts, files)
    const flows = flowsFor(texts, options, table)
    const request: RunOptions = {
      ...more,
      outlets: document.outlets as PortName[],
      ...(options.parameters !== undefined && { parameters: options.parameters }),
      ...(flows !== undefined && { flows }),
      ...(options.runId !== undefined && { runId: options.runId }),
      ...(options.stepped === true && { mode: 'step' as const }),
      // Who looks at a sample looks at all of its fields.
      ...(options.kind === 'sample' && { allFields: true })
    }
    const execution = await this.asked(() => engine.run(document.text, request))
    const sampled = sampledOf(files)
    return this.shown(execution, documentText, document, options, this.labelOf(options, sampled), sampled)
  }

  checkFormula(text: string, fields: readonly Field[], expects?: string): Promise<FormulaCheck> {
    return this.asked(() => this.formulas.check(text, fields, expects))
  }

  completions(text: string, at: number, fields: readonly Field[]): Promise<readonly Completion[]> {
    return this.asked(() => this.formulas.completions(text, at, fields))
  }

  /** `fields`: their types; without them they are those of JSON. */
  evaluate(
    text: string,
    rows: readonly Record<string, unknown>[],
    fields: readonly Field[] = []
  ): Promise<readonly FormulaResult[]> {
    return this.asked(() => this.formulas.evaluate(text, rows, fields))
  }

  /** A line that a node has logged: it goes to the runs of this place that have the node. */
  hearLog(level: LogLine['level'], node: string, message: string): void {
    const line: LogLine = { at: this.now(), level, node, message }
    for (const run of this.running) if (run.has(node)) run.hear(line)
  }

  protected engine(): Promise<Engine> {
    return this.asked(this.options.engine)
  }

  /** What is asked of the engine; whoever loses its server is told so. */
  protected async asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (reason) {
      this.failed(reason)
      throw reason
    }
  }

  /** Something that was asked did not work; a place that can be away looks whether it is. */
  protected failed(reason: unknown): void {
    const { code, message } = asWeirError(reason)
    if (code === 'bug.trap') this.away.setState({ reason: message })
  }

  protected labelOf(
    { kind, upTo, files: only, preview = kind === 'sample' }: StartOptions,
    sampled?: ShownRun['sampled']
  ): string {
    if (kind === 'live') return 'Live'
    const files = sampled === undefined ? '' : `, ${count(sampled.files)} of ${count(sampled.of)} files`
    const what = kind === 'sample' ? `Sample${files}` : 'Test of draft'
    if (upTo !== undefined) return `${what} up to ${upTo}`
    const again = Object.values(only ?? {}).reduce((sum, list) => sum + list.length, 0)
    if (again > 0) return `Again for ${count(again)} ${again === 1 ? 'file' : 'files'}, nothing is written`
    return kind === 'test' && preview ? `${what}, nothing is written` : what
  }

  protected async shown(
    execution: Execution,
    documentText: string,
    document: RunDocument,
    options: StartOptions,
    label = this.labelOf(options),
    sampled?: ShownRun['sampled'],
    kept = false
  ): Promise<ExecutionRun> {
    const { kind, upTo, files } = options
    const run = new ExecutionRun(execution, {
      isPart: upTo !== undefined || files !== undefined,
      kept,
      kind,
      label,
      place: this.name,
      documentText,
      document,
      sampled,
      parameters: options.parameters,
      now: this.now
    })
    this.running.add(run)
    void run.settled.then(() => this.running.delete(run))
    for (const breakpoint of options.breakpoints ?? []) {
      try {
        await run.addBreakpoint(breakpoint)
      } catch (reason) {
        const where = breakpoint.node ?? breakpoint.edge ?? ''
        const message = `its breakpoint is not set: ${asWeirError(reason).message}`
        run.hear({ at: this.now(), level: 'warning', node: where, message })
      }
    }
    return run
  }

  protected known(): Promise<{ list: readonly NodeType[]; table: TypeTable }> {
    this.types ??= this.engine()
      .then((engine) => engine.nodes())
      .then((list) => ({ list, table: new TypeTable(list) }))
    this.types.catch(() => {
      // Asked again the next time.
      this.types = undefined
    })
    return this.types
  }

  readonly drifted: StoreApi<{ found: number }> = createStore<{ found: number }>(() => ({ found: 0 }))
  private readonly looked = new Map<string, ReaderFiles>()

  /** Known for as long as the place: what was seen of files is not looked at again. */
  readonly readerFiles = (documentText: string, id: string): ReaderFiles | undefined => {
    const node = DocumentParts.of(documentText)?.nodes.find((each) => each.id === id)
    if (node === undefined || globsOf(node, true).length === 0) return undefined
    const key = readerKey(node)
    const known = this.looked.get(key)
    if (known !== undefined) return known
    const files = new ReaderFiles(
      node,
      () => this.sampler(documentText),
      (drifted) => {
        if (this.files.found(key, drifted)) this.drifted.setState(({ found }) => ({ found: found + 1 }))
      }
    )
    this.looked.set(key, files)
    for (const old of this.looked.keys()) {
      if (this.looked.size <= kMostLooked) break
      this.looked.delete(old)
    }
    return files
  }

  readonly listFiles = async (documentText: string, globs: readonly string[]) =>
    listFiles(globs, await this.sampler(documentText))

  /** The engine over the folders that samples of a document read. */
  private async sampler(documentText: string): Promise<Run> {
    const made = await this.engine()
    const more = await this.options.runOptions?.({ kind: 'sample' }, documentText)
    return { run: (flow, request) => made.run(flow, { ...more, ...request }) }
  }

  /** Of the readers up to the node that is sampled. */
  private async sampledFiles(
    documentText: string,
    upTo: string | undefined,
    engine: Engine,
    more: Record<string, unknown> | undefined
  ): Promise<ReadonlyMap<string, SampledFiles>> {
    const parts = DocumentParts.of(documentText)
    if (parts === undefined) return new Map()
    if (upTo !== undefined) parts.keepNodes(leadingTo(parts, upTo))
    const run: Engine['run'] = (flow, request) => engine.run(flow, { ...more, ...request })
    return this.files.of(parts, { run })
  }

  /** Of the flows that a document uses as nodes. */
  private async textsOf(documentText: string): Promise<Record<string, string>> {
    if (this.readFlow !== undefined) return flowTexts(documentText, this.readFlow)
    return (await this.options.flows?.(documentText)) ?? {}
  }
}

/** How many files a sample reads, of how many; undefined: it reads all that there are. */
function sampledOf(found: ReadonlyMap<string, SampledFiles> | undefined): ShownRun['sampled'] {
  const of = [...(found?.values() ?? [])]
  if (of.length === 0) return undefined
  return { files: of.reduce((sum, each) => sum + each.paths.length, 0), of: of.reduce((sum, each) => sum + each.of, 0) }
}

/** As a run takes them; in a preview without effects. Undefined: there are none. */
function flowsFor(
  texts: Readonly<Record<string, string>>,
  { kind, preview = kind === 'sample' }: StartOptions,
  table: TypeTable
): Record<string, unknown> | undefined {
  const given = Object.entries(texts).map(([id, text]): [string, unknown] => {
    return [id, JSON.parse((preview ? subflowWithoutEffects(text, table) : undefined) ?? text)]
  })
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

/** The problems of a document that could not be started; empty if it was something else. */
export function problemsOf(reason: unknown): readonly Problem[] {
  return reason instanceof FlowError ? reason.problems : []
}
