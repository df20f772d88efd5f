// Protocol: what a page and its worker say to each other. Each side checks what it is told before it acts.
import type { RunCounters } from '../placement/add-figures.ts'
import type { Batch } from '../batch.ts'
import type { NodeType, RunFiles, RunOptions, Validation } from '../engine.ts'
import type { FlowDiff, FlowDiffOptions, FlowMerge } from '../flow-compare.ts'
import type { FormulaAnswer, FormulaFunction, FormulaQuestion } from '../formula.ts'
import { EngineFault, FlowError, WeirError, asWeirError, type Problem } from '../errors.ts'
import type { Control, Frame } from '../live/frames.ts'
import type { LogLevel, RunResult } from '../wasm/engine-module.ts'
import type { FolderSource } from './files/folder-source.ts'
import type { CheckpointNews, KeepOrder } from './kept/kept-run.ts'

/** A WeirError on its way between threads. */
export interface CarriedError {
  code: string
  message: string
  recoverable: boolean
  problems?: Problem[]
  document?: string
  fault?: boolean
}

/** Page to worker. */
export type ToWorker =
  | { type: 'start'; module: WebAssembly.Module; zones?: string }
  | { type: 'ask'; call: number; what: 'nodes' }
  | { type: 'ask'; call: number; what: 'functions' }
  | { type: 'ask'; call: number; what: 'formula'; question: FormulaQuestion }
  | { type: 'ask'; call: number; what: 'validate' | 'format'; flow: string }
  | { type: 'ask'; call: number; what: 'diff'; before: string; after: string; options: FlowDiffOptions }
  | { type: 'ask'; call: number; what: 'merge'; base?: string; ours: string; theirs: string }
  | {
      type: 'run'
      call: number
      flow: string
      options: RunOptions
      folders: Record<string, FolderSource>
      keep?: KeepOrder
      port: MessagePort
    }

/** To what was asked. */
type Answer = NodeType[] | Validation | FlowDiff | FlowMerge | FormulaAnswer | FormulaFunction[] | string

/** Worker to page. */
export type FromWorker =
  | { type: 'ready' }
  | { type: 'answer'; call: number; value: Answer }
  | { type: 'refused'; call: number; error: CarriedError }
  | { type: 'log'; level: LogLevel; node: string; message: string }
  /** The engine trapped: the worker does nothing more. */
  | { type: 'fault'; message: string }

/** Page to run. A channel is one reader of one outlet; the page numbers channels, watchers and calls. */
export type ToRun =
  | { type: 'read'; channel: number; node: string; port: string; as: 'batches' | 'rows'; credit: number }
  | { type: 'credit'; channel: number; bytes: number; buffers: ArrayBuffer[] }
  | { type: 'leave'; channel: number }
  | { type: 'write'; call: number; inlet: string; rows: unknown[]; mostBytes?: number }
  | { type: 'end'; call: number; inlet: string }
  | { type: 'watch'; watcher: number }
  | { type: 'ask'; watcher: number; call: number; what: string; data: Record<string, unknown>; subscription?: number }
  | { type: 'unwatch'; watcher: number }
  /** Another tab watches the run: it is served through this port as well. */
  | { type: 'guest'; port: MessagePort }
  | { type: 'drain' }
  | { type: 'cancel' }
  | { type: 'dispose' }

/** Run to page. */
export type FromRun =
  | { type: 'opened'; id: string }
  | { type: 'batch'; channel: number; batch: Batch }
  | { type: 'rows'; channel: number; rows: unknown[]; bytes: number }
  | { type: 'ended'; channel: number; error?: CarriedError }
  | { type: 'done'; call: number; data?: unknown; error?: CarriedError }
  | { type: 'said'; watcher: number; message: Control }
  | { type: 'framed'; watcher: number; frame: Frame }
  | { type: 'checkpoint'; news: CheckpointNews }
  | { type: 'result'; result: RunResult; letters: unknown[]; figures?: RunCounters | undefined; files?: RunFiles }
  | { type: 'failed'; error: CarriedError }

export function carry(reason: unknown): CarriedError {
  const error = asWeirError(reason)
  const carried: CarriedError = { code: error.code, message: error.message, recoverable: error.recoverable }
  if (error instanceof FlowError) {
    carried.problems = error.problems
    if (error.document !== undefined) carried.document = error.document
  }
  if (error instanceof EngineFault) carried.fault = true
  return carried
}

export function errorOf(carried: CarriedError): WeirError {
  if (carried.problems) return new FlowError(carried.problems, carried.document)
  if (carried.fault === true) return new EngineFault(carried.message)
  return new WeirError(carried.code, carried.message, carried.recoverable)
}

type Check = (value: unknown) => boolean
type Shape = Record<string, Check>

const isText: Check = (value) => typeof value === 'string'
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isAmount: Check = (value) => typeof value === 'number' && value >= 0
const isList: Check = Array.isArray
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isAny: Check = () => true
const isOptionalText: Check = (value) => value === undefined || isText(value)
const isOptionalCount: Check = (value) => value === undefined || isCount(value)
const isOptionalObject: Check = (value) => value === undefined || isObject(value)
const isBuffers: Check = (value) => Array.isArray(value) && value.every((one) => one instanceof ArrayBuffer)
const isOneOf =
  (...texts: string[]): Check =>
  (value) =>
    texts.includes(value as string)

const call = { call: isCount }
const channel = { channel: isCount }
const watcher = { watcher: isCount }

const TO_WORKER: Record<ToWorker['type'], Shape> = {
  start: { module: (value) => value instanceof WebAssembly.Module, zones: isOptionalText },
  ask: {
    ...call,
    what: isOneOf('nodes', 'validate', 'format', 'diff', 'merge', 'formula', 'functions'),
    question: isOptionalObject,
    flow: isOptionalText,
    before: isOptionalText,
    after: isOptionalText,
    options: isOptionalObject,
    base: isOptionalText,
    ours: isOptionalText,
    theirs: isOptionalText
  },
  run: {
    ...call,
    flow: isText,
    options: isObject,
    folders: isObject,
    keep: isOptionalObject,
    port: (value) => value instanceof MessagePort
  }
}
const FROM_WORKER: Record<FromWorker['type'], Shape> = {
  ready: {},
  answer: { ...call, value: isAny },
  refused: { ...call, error: isObject },
  log: { level: isText, node: isText, message: isText },
  fault: { message: isText }
}
const TO_RUN: Record<ToRun['type'], Shape> = {
  read: { ...channel, node: isText, port: isText, as: isOneOf('batches', 'rows'), credit: isAmount },
  credit: { ...channel, bytes: isAmount, buffers: isBuffers },
  leave: channel,
  write: { ...call, inlet: isText, rows: isList, mostBytes: isOptionalCount },
  end: { ...call, inlet: isText },
  watch: watcher,
  ask: { ...watcher, ...call, what: isText, data: isObject, subscription: isOptionalCount },
  unwatch: watcher,
  guest: { port: (value) => value instanceof MessagePort },
  drain: {},
  cancel: {},
  dispose: {}
}
const FROM_RUN: Record<FromRun['type'], Shape> = {
  opened: { id: isText },
  batch: { ...channel, batch: isObject },
  rows: { ...channel, rows: isList, bytes: isAmount },
  ended: { ...channel, error: isOptionalObject },
  done: { ...call, data: isAny, error: isOptionalObject },
  said: { ...watcher, message: isObject },
  framed: { ...watcher, frame: isObject },
  checkpoint: { news: isObject },
  result: { result: isObject, letters: isList, figures: isOptionalObject, files: isOptionalObject },
  failed: { error: isObject }
}

/** The message if it is one of `shapes`; anything else is `protocol.invalid`. */
function checked(shapes: Record<string, Shape>, data: unknown): unknown {
  const message = (isObject(data) ? data : {}) as Record<string, unknown>
  const type = typeof message.type === 'string' ? message.type : ''
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (!shape) throw new WeirError('protocol.invalid', `a message '${type.slice(0, 40)}' is not known here`)
  for (const [field, check] of Object.entries(shape)) {
    if (check(message[field])) continue
    throw new WeirError('protocol.invalid', `the message '${type}' has no proper '${field}'`)
  }
  return message
}

export const toWorker = (data: unknown): ToWorker => checked(TO_WORKER, data) as ToWorker
export const fromWorker = (data: unknown): FromWorker => checked(FROM_WORKER, data) as FromWorker
export const toRun = (data: unknown): ToRun => checked(TO_RUN, data) as ToRun
export const fromRun = (data: unknown): FromRun => checked(FROM_RUN, data) as FromRun
