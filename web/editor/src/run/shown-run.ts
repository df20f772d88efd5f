// ShownRun: the one run that the canvas shows, wherever it runs; RunPlace: where flows can run.
import type { Batch, HeldRow, NodeType, RunFiles, RunResult, Tap, TapOptions } from '@weir/engine-client'
import type { DeepCheck } from '@weir/flow-model'
import type { StoreApi } from 'zustand/vanilla'
import type { FigureStore } from './figure-store.ts'
import type { ReaderFiles } from './reader-files.ts'

/** What kind of run the canvas shows; it is named in the top bar. */
export type RunKind = 'live' | 'test' | 'finished' | 'sample' | 'recording'

export type RunStatus = 'starting' | 'running' | 'stopping' | 'held' | 'done' | 'failed' | 'cancelled'

/** A failure, with all that are like it: same code, node and message without its values. */
export interface FailureGroup {
  key: string
  code: string
  node: string
  message: string
  count: number
  /** Epoch milliseconds. */
  firstAt: number
  lastAt: number
}

export interface LogLine {
  /** Epoch milliseconds. */
  at: number
  level: 'debug' | 'info' | 'warning' | 'error'
  node: string
  message: string
}

export interface RunFacts {
  status: RunStatus
  /** Epoch milliseconds. */
  startedAt: number
  endedAt: number | undefined
  rows: number
  /** A second, over the last second. */
  rate: number
  /** Rows that were set aside, and rows dropped by rule. */
  aside: number
  dropped: number
  /** The node that holds the others up, if one does. */
  heldUpBy: string | undefined
  /** 0 to 1, if it is known. */
  progress: number | undefined
  secondsLeft: number | undefined
  failures: readonly FailureGroup[]
  held: readonly HeldRow[]
  result: RunResult | undefined
  /** Of the document that it runs: nodes changed since then are hatched. */
  documentText: string
}

/** An alert of the document that the run has raised and not cleared. */
export interface RaisedAlert {
  /** Of the alert. */
  name: string
  /** Of an alert by key: whose it is; empty else. */
  key: string
  message: string
  severity: 'info' | 'warning' | 'error' | 'critical'
  /** Epoch milliseconds. */
  at: number
}

/** What a node that writes would have done, in a run without effects. */
export interface HeldBack {
  node: string
  /** In a person's words: the file with its path, the request. */
  what: string
  rows: readonly unknown[]
}

export interface ShownRun {
  readonly id: string
  readonly kind: RunKind
  /** As the top bar names it: *Test of draft*, *Finished 12:04*. */
  readonly label: string
  readonly place: string
  readonly facts: StoreApi<RunFacts>
  readonly figures: FigureStore
  /** Of a sample that reads some of many files: how many of how many. */
  readonly sampled?: { files: number; of: number } | undefined
  /** It runs a part of the flow, or over a part of its files. */
  readonly isPart?: boolean
  /** A server keeps it: it has a page of its own. */
  readonly kept?: boolean
  /** The newest lines first in, 10,000 at most. */
  readonly log: StoreApi<{ lines: readonly LogLine[]; dropped: number }>
  /** Alerts of the document that are raised now, the oldest first; absent: this run tells none. */
  readonly alerts?: StoreApi<{ raised: readonly RaisedAlert[] }>
  /** Some source of it goes on until it is stopped; absent: nobody knows. */
  readonly endless?: boolean | undefined
  tap(options: TapOptions): Promise<Tap>
  /** Kept rows of a port, of a run that has ended or a sample; undefined if none are kept. */
  rowsOf(node: string, port: string): Promise<readonly Batch[] | undefined>
  addBreakpoint(options: { node?: string; edge?: string; where?: string; after?: number }): Promise<number>
  removeBreakpoint(breakpoint: number): Promise<void>
  /** Lets a held row go on, as it is or as it was edited. */
  goOn(held: number, row?: Record<string, unknown>): Promise<void>
  dropRow(held: number): Promise<void>
  stepRow(held: number): Promise<void>
  deadLetters(): Promise<readonly unknown[]>
  /** Gives rows that were set aside again, as `deadLetters` told them or with another `row`; absent: this run cannot. */
  readonly replay?: (letters: readonly unknown[]) => Promise<void>
  heldBack(): Promise<readonly HeldBack[]>
  /** What it was started with. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
  /** Files that it has read and written, once it has ended; absent or undefined: nobody knows. */
  readonly filesUsed?: () => RunFiles | undefined
  /** Keeps an alert of the document quiet for so long; 0: not any more. Absent: this run cannot. */
  readonly muteAlert?: (name: string, forMs: number) => Promise<void>
  /** Sources give no more; what is under way is finished. */
  drain(): void
  cancel(): void
  dispose(): void
}

export interface StartOptions {
  kind: 'live' | 'test' | 'sample'
  /** Everything that leads to this node runs, and nothing else. */
  upTo?: string
  parameters?: Record<string, unknown>
  /** Nothing outside is touched: nodes that write are held back, unless they are named here. */
  preview?: boolean
  writes?: readonly string[]
  /** Rows that a source gives at most. */
  sampleRows?: number
  /** By the id of a reader: the files that it reads instead of all that it matches. */
  files?: Readonly<Record<string, readonly string[]>>
  /** The run's id: the same document with the same id gives rows the same trace ids. */
  runId?: string
  /** All rows wait at their sources until the breakpoint that holds them there is removed. */
  stepped?: boolean
  breakpoints?: readonly { node?: string; edge?: string; where?: string; after?: number }[]
}

/** A formula and what the engine says of it. */
export interface FormulaCheck {
  /** The type of its result; empty if it has an error. */
  type: string
  problems: readonly { from: number; to: number; message: string; suggestion?: string }[]
}

export interface Completion {
  label: string
  kind: 'field' | 'function' | 'variable' | 'keyword' | 'value'
  type: string
  help: string
}

export interface Field {
  name: string
  type: string
  sensitive?: boolean
}

/** A file that a run has written. */
export interface WrittenFile {
  /** As the node names it. */
  path: string
  /** The last part of it. */
  name: string
  /** As a person would say it: *orders / out / revenue.csv*, *revenue.csv, kept in this browser*. */
  where: string
  bytes: number
  /** Epoch milliseconds. */
  modifiedAt: number
  /** The file as it is now; fails if it is there no more. */
  file: () => Promise<File>
}

/** Where flows can run: this browser, or a server. */
export interface RunPlace {
  readonly id: 'browser' | 'server'
  readonly name: string
  /** Reads a flow that others use as a node; set by who has the home of the flows open. */
  readFlow?: ((flow: string) => Promise<string>) | undefined
  nodes(): Promise<readonly NodeType[]>
  check: DeepCheck
  start(documentText: string, options: StartOptions): Promise<ShownRun>
  /** A run that this place has by itself, such as the live one. It goes on when it is no longer shown. Absent: it has none. */
  show?(id: string, documentText: string, label?: string): Promise<ShownRun>
  /** The newest run of a flow that goes on here by itself: to be shown again; undefined: there is none. Absent: runs end with the page. */
  going?: (flow: string) => Promise<ShownRun | undefined>
  /** Of the engine's checker, against the fields that a formula sees. */
  checkFormula(text: string, fields: readonly Field[], expects?: string): Promise<FormulaCheck>
  completions(text: string, at: number, fields: readonly Field[]): Promise<readonly Completion[]>
  /** The result of a formula for each of the rows; an error is text in its place. `fields`: their types; without them those of JSON. */
  evaluate(
    text: string,
    rows: readonly Record<string, unknown>[],
    fields?: readonly Field[]
  ): Promise<readonly { value?: unknown; error?: string }[]>
  /** The files that a reader of the document matches, with their shapes; freed by who asks. Undefined: the node reads no files. */
  readonly readerFiles?: ((documentText: string, node: string) => ReaderFiles | undefined) | undefined
  /** Changes when files were found whose shape differs: samples read them, too. */
  readonly drifted?: StoreApi<{ found: number }>
  /** A file that runs of a flow have written, by the path that a node names; undefined: there is none. Absent: they are elsewhere. */
  readonly written?: ((flow: string, path: string) => Promise<WrittenFile | undefined>) | undefined
  /** A file of a flow's runs as it is now, by its name in a seal. Absent: they are elsewhere. */
  readonly fileOf?: ((flow: string, name: string) => Promise<File | undefined>) | undefined
  /** What globs match, as runs of the document see its folders. Absent: its files are elsewhere. */
  readonly listFiles?: (
    documentText: string,
    globs: readonly string[]
  ) => Promise<readonly { path: string; bytes: number }[]>
  /** Why two runs of the document over the same files need not give the same; empty: they do. */
  readonly whyNotSame?: (documentText: string) => Promise<readonly string[]>
  /** Why nothing can run here now; empty if it can. */
  readonly away: StoreApi<{ reason: string }>
}
