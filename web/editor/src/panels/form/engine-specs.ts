// What the engine does with every node and edge, as settings: the same fields as those that a node's type declares.
import { parseByteSize, parseDuration } from '@weir/flow-model'
import type { Json, SettingSpec, SettingType } from '@weir/flow-model'
import { slotAt } from './slot.ts'
import type { FormTarget, Slot } from './slot.ts'

/** A setting at a path of the element itself. */
export interface EngineSpec extends SettingSpec {
  path: string
  /** What holds where nothing is given, in a person's words; empty if that depends on the type or the place. */
  absent: string
}

type Extra = Partial<
  Pick<SettingSpec, 'default' | 'options' | 'min' | 'max' | 'gives' | 'items' | 'required' | 'format'>
>
type EngineExtra = Extra & Partial<Pick<EngineSpec, 'absent'>>

/** A spec that a type could have declared. */
export function specOf(name: string, type: SettingType, label: string, help = '', extra: Extra = {}): SettingSpec {
  return {
    name,
    type,
    label,
    help,
    required: false,
    default: undefined,
    min: undefined,
    max: undefined,
    pattern: '',
    format: '',
    options: [],
    items: [],
    visibleWhen: '',
    acceptsSecret: false,
    gives: '',
    ...extra
  }
}

export function engineSpec(
  path: string,
  type: SettingType,
  label: string,
  help = '',
  { absent = '', ...extra }: EngineExtra = {}
): EngineSpec {
  return { ...specOf(path.slice(path.lastIndexOf('/') + 1), type, label, help, extra), path, absent }
}

/** Durations and sizes of the document are numbers there: of milliseconds, of bytes. */
export function storedAs(type: SettingType): Slot['stored'] {
  if (type !== 'duration' && type !== 'bytesize') return undefined
  return (value: Json | undefined) => {
    if (typeof value !== 'string') return value
    const number = type === 'duration' ? parseDuration(value) : parseByteSize(value)
    return number === undefined ? value : Math.round(number)
  }
}

export function engineSlot(target: FormTarget, spec: EngineSpec): Slot {
  const stored = storedAs(spec.type)
  const { absent } = spec
  const slot = { ...slotAt(target, spec.path, spec.label.toLowerCase(), spec.default), absent }
  return stored === undefined ? slot : { ...slot, stored }
}

/** *When things go wrong*: what the engine does around a node. */
export const kNodeSpecs: readonly EngineSpec[] = [
  engineSpec('/retry/attempts', 'integer', 'Attempts', 'The first one counts', { absent: 'as the node needs' }),
  engineSpec('/retry/delayMs', 'duration', 'Pause before the second', 'It doubles each time', { absent: '100 ms' }),
  engineSpec('/retry/maxDelayMs', 'duration', 'Longest pause', '', { absent: '30 s' }),
  engineSpec('/retry/jitter', 'number', 'Jitter', 'The share of a pause that is left out at random, 0 to 1', {
    absent: '0.2'
  }),
  engineSpec('/timeoutMs', 'duration', 'Time for one row or call', '', { absent: 'as the node needs' }),
  engineSpec('/breaker/failures', 'integer', 'Breaker opens after', 'Failures in a row; 0 switches it off', {
    absent: '5, of nodes that call outside'
  }),
  engineSpec('/breaker/windowMs', 'duration', 'Failures within', '', { absent: '30 s' }),
  engineSpec('/breaker/openMs', 'duration', 'Stays open for', '', { absent: '30 s' }),
  engineSpec('/breaker/probes', 'integer', 'Then tries', '', { absent: '1' })
]

export const kCapacitySpecs: readonly EngineSpec[] = [
  engineSpec('/buffer/rows', 'integer', 'Rows that may wait', '', { absent: '65,536' }),
  engineSpec('/buffer/bytes', 'bytesize', 'Bytes that may wait', '', {
    absent: 'its share of the memory, 16 MB at most'
  }),
  engineSpec('/buffer/ageMs', 'duration', 'Longest wait', 'Older rows are dropped, and counted', {
    absent: 'none is too old'
  }),
  engineSpec('/buffer/order', 'enum', 'Order', 'priority: rows of a higher priority go first', {
    options: ['fifo', 'newest', 'priority'],
    default: 'fifo'
  })
]

export const kFullSpecs: readonly EngineSpec[] = [
  engineSpec('/whenFull/rule', 'enum', 'When it is full', 'block: the source waits, and nothing is lost', {
    options: ['block', 'dropOldest', 'dropNewest', 'dropLowestPriority', 'sample'],
    default: 'block'
  }),
  engineSpec('/whenFull/maxWaitMs', 'duration', 'The source waits at most', '', { absent: '100 ms' }),
  engineSpec('/buffer/dropThreshold', 'number', 'Drops from', 'The share that is full, 0 to 1', { absent: '0.9' })
]

export const kBatchSpecs: readonly EngineSpec[] = [
  engineSpec('/batch/maxRows', 'integer', 'Rows of a batch', '', { absent: '16,384' }),
  engineSpec('/batch/maxWaitMs', 'duration', 'Waits for more rows', '', { absent: 'not at all' })
]

export const kSafetySpecs: readonly EngineSpec[] = [
  engineSpec('/guarantee', 'enum', 'Guarantee', 'durable: rows that wait survive a crash', {
    options: ['memory', 'durable'],
    default: 'memory'
  }),
  engineSpec('/onRemove', 'enum', 'If the edge is removed', 'What becomes of rows that wait', {
    options: ['drain', 'deadLetter', 'discard'],
    default: 'drain'
  })
]

export const kFilterSpec = engineSpec('/filter', 'expression', 'Only rows where', '', { gives: 'bool' })
export const kTransformSpec = engineSpec('/transform', 'expression', 'Rows become', 'A formula that gives the new row')
