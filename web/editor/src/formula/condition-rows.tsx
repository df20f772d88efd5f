// The first face of a condition: rows of column, comparison and value. Values are offered from the data, with counts.
import { count } from '@weir/ui/figures/figures.ts'
import { useEffect, useId, useRef } from 'react'
import type { ReactNode } from 'react'
import type { SampleRows } from '../panels/form/form-context.ts'
import { conditionsText, isOpaque } from './conditions.ts'
import type { Comparison, Condition, Conditions, Literal, Opaque } from './conditions.ts'

const kWords: Readonly<Record<Comparison, string>> = {
  is: 'is',
  isNot: 'is not',
  over: '>',
  atLeast: '≥',
  under: '<',
  atMost: '≤',
  contains: 'contains',
  containsNot: 'does not contain',
  beginsWith: 'begins with',
  endsWith: 'ends with',
  matches: 'matches',
  oneOf: 'is one of',
  isEmpty: 'is empty',
  isNotEmpty: 'is not empty'
}
const kOfText: readonly Comparison[] = [
  'is',
  'isNot',
  'oneOf',
  'contains',
  'containsNot',
  'beginsWith',
  'endsWith',
  'matches',
  'isEmpty',
  'isNotEmpty'
]
const kOfNumbers: readonly Comparison[] = [
  'is',
  'isNot',
  'over',
  'atLeast',
  'under',
  'atMost',
  'oneOf',
  'isEmpty',
  'isNotEmpty'
]
const kOfBools: readonly Comparison[] = ['is', 'isNot', 'isEmpty', 'isNotEmpty']
const kOfAll = Object.keys(kWords) as Comparison[]

type Kind = Literal['kind'] | 'any'

function kindOf(type: string | undefined): Kind {
  if (type === 'int' || type === 'uint' || type === 'double') return 'number'
  if (type === 'string') return 'text'
  if (type === 'bool') return 'bool'
  return type === 'timestamp' ? 'time' : 'any'
}

function comparisonsOf(kind: Kind, now: Comparison): readonly Comparison[] {
  const usual = kind === 'text' ? kOfText : kind === 'bool' ? kOfBools : kind === 'any' ? kOfAll : kOfNumbers
  return usual.includes(now) ? usual : [...usual, now]
}

/** What is typed as a value of a column of this type; a number that is none stays a text, which the check refuses. */
export function literalOf(text: string, type: string | undefined): Literal {
  const kind = kindOf(type)
  const number = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text.trim())
  if (kind === 'bool') return { kind: 'bool', text: text.trim() === 'true' ? 'true' : 'false' }
  if (kind === 'time') return { kind: 'time', text }
  if (kind !== 'number' || !number) return { kind: 'text', text }
  const plain = text
    .trim()
    .replace(/\.$/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/^(-?)0+(?=\d)/, '$1')
  return { kind: 'number', text: plain }
}

/** Values of a column in the sample with how often each comes, the most frequent first. */
export function offeredValues(sample: SampleRows, column: string): (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const row of sample.rows) {
    const value = row[column]
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue
    const text = String(value)
    if (text.length <= 60) counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 20)
}

/** What a condition on a column begins with: a value that its type can have, of the data where no other is at hand. */
function beginning(sample: SampleRows, column: string, type: string | undefined): Literal {
  const kind = kindOf(type)
  if (kind === 'number') return { kind: 'number', text: '0' }
  return literalOf(kind === 'time' ? (offeredValues(sample, column)[0]?.[0] ?? '1970-01-01T00:00:00Z') : '', type)
}

interface RowsProps {
  label: string
  conditions: Conditions
  sample: SampleRows
  set: (text: string) => void
  /** At the right end of the first line. */
  aside: ReactNode
}

export function ConditionRows({ label, conditions, sample, set, aside }: RowsProps) {
  const { join, parts } = conditions
  const write = (next: Partial<Conditions>): void => {
    set(conditionsText({ ...conditions, ...next }))
  }
  const replace = (at: number, part: Condition | Opaque | undefined): void => {
    write({ parts: parts.flatMap((each, place) => (place !== at ? [each] : part === undefined ? [] : [part])) })
  }
  const first = sample.fields[0]
  const column = first?.name ?? 'column'
  const fresh: Condition = { column, comparison: 'is', values: [beginning(sample, column, first?.type)] }
  const group = useRef<HTMLDivElement>(null)
  const added = useRef(false)
  useEffect(() => {
    if (!added.current) return
    added.current = false
    // Who added one goes on with it.
    group.current?.querySelector<HTMLElement>(`[data-condition="${parts.length - 1}"] select`)?.focus()
  }, [parts.length])
  return (
    <div ref={group} role="group" aria-label={label} className="grid gap-1.5">
      <div className="flex items-center text-data text-mute">
        {parts.length > 1 && (
          <Join
            join={join}
            choose={(next) => {
              write({ join: next })
            }}
          />
        )}
        {parts.length === 1 && <span>Rows where</span>}
        {aside}
      </div>
      {parts.map((part, at) =>
        isOpaque(part) ? (
          <OpaqueRow
            key={at}
            part={part}
            remove={() => {
              replace(at, undefined)
            }}
          />
        ) : (
          <Row
            key={at}
            at={at}
            condition={part}
            sample={sample}
            set={(next) => {
              replace(at, next)
            }}
          />
        )
      )}
      <button
        type="button"
        data-first-part=""
        className="justify-self-start text-data text-water hover:underline"
        onClick={() => {
          added.current = true
          write({ parts: [...parts, fresh] })
        }}
      >
        + condition
      </button>
    </div>
  )
}

function Join({ join, choose }: { join: Conditions['join']; choose: (join: Conditions['join']) => void }) {
  return (
    <label>
      Rows where{' '}
      <select
        className="rounded-base border border-line bg-bg px-1 font-semibold text-text"
        value={join}
        aria-label="How conditions go together"
        onChange={(event) => {
          choose(event.target.value === 'any' ? 'any' : 'all')
        }}
      >
        <option value="all">all</option>
        <option value="any">any</option>
      </select>{' '}
      {join === 'all' ? 'hold' : 'holds'}
    </label>
  )
}

function OpaqueRow({ part, remove }: { part: Opaque; remove: () => void }) {
  return (
    <div className="flex items-center gap-1">
      <code className="field min-w-0 flex-1 truncate text-data text-mute" title={part.text}>
        {part.text}
      </code>
      <Remove words={`Remove ${part.text}`} act={remove} />
    </div>
  )
}

function Remove({ words, act }: { words: string; act: () => void }) {
  return (
    <button type="button" className="px-1 text-mute hover:text-text" aria-label={words} onClick={act}>
      ✕
    </button>
  )
}

interface RowProps {
  at: number
  condition: Condition
  sample: SampleRows
  set: (condition: Condition | undefined) => void
}

function Row({ at, condition, sample, set }: RowProps) {
  const { column, comparison } = condition
  const type = sample.fields.find((field) => field.name === column)?.type
  const names = sample.fields.map((field) => field.name)
  const known = names.includes(column) ? names : [column, ...names]
  const none = comparison === 'isEmpty' || comparison === 'isNotEmpty'
  const compare = (next: Comparison): void => {
    const textual = kOfText.includes(next) && !kOfNumbers.includes(next)
    const gone = next === 'isEmpty' || next === 'isNotEmpty'
    const [first = literalOf('', type)] = condition.values
    const values = gone
      ? []
      : textual
        ? [{ kind: 'text' as const, text: first.text }]
        : next === 'oneOf'
          ? condition.values
          : [first]
    set({ column, comparison: next, values })
  }
  return (
    <div data-condition={at} className="grid grid-cols-[minmax(0,1fr)_84px_minmax(0,1fr)_auto] items-center gap-1.5">
      <select
        className="field text-data"
        aria-label={`Condition ${at + 1}: column`}
        value={column}
        onChange={(event) => {
          const next = event.target.value
          const other = sample.fields.find((field) => field.name === next)?.type
          const values =
            kindOf(other) === kindOf(type)
              ? condition.values.map((value) => literalOf(value.text, other))
              : condition.values.map(() => beginning(sample, next, other))
          set({ ...condition, column: next, values })
        }}
      >
        {known.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <select
        className={`field text-data ${none ? 'col-span-2' : ''}`}
        aria-label={`Condition ${at + 1}: comparison`}
        value={comparison}
        onChange={(event) => {
          compare(event.target.value as Comparison)
        }}
      >
        {comparisonsOf(kindOf(type), comparison).map((each) => (
          <option key={each} value={each}>
            {kWords[each]}
          </option>
        ))}
      </select>
      {!none && <Value at={at} condition={condition} sample={sample} type={type} set={set} />}
      <Remove
        words={`Remove condition ${at + 1}`}
        act={() => {
          set(undefined)
        }}
      />
    </div>
  )
}

function Value({ at, condition, sample, type, set }: RowProps & { type: string | undefined }) {
  const id = useId()
  const { column, comparison, values } = condition
  const several = comparison === 'oneOf'
  const text = several ? values.map((value) => value.text).join(', ') : (values[0]?.text ?? '')
  const textual = ['contains', 'containsNot', 'beginsWith', 'endsWith', 'matches'].includes(comparison)
  const quoted = values[0]?.kind === 'text' && kindOf(type) !== 'text' && kindOf(type) !== 'any'
  const write = (typed: string): void => {
    const pieces = several ? typed.split(',').map((piece) => piece.trim()) : [typed]
    const keptKind = type === undefined && values[0]?.kind === 'number' ? 'double' : type
    set({
      ...condition,
      values: pieces.map((piece) => (textual ? { kind: 'text', text: piece } : literalOf(piece, keptKind)))
    })
  }
  if (kindOf(type) === 'bool' || values[0]?.kind === 'bool')
    return (
      <select
        className="field text-data"
        aria-label={`Condition ${at + 1}: value`}
        value={text}
        onChange={(event) => {
          set({ ...condition, values: [{ kind: 'bool', text: event.target.value }] })
        }}
      >
        <option value="true">true</option>
        <option value="false">false</option>
      </select>
    )
  return (
    <>
      <input
        className="field font-mono text-data"
        aria-label={`Condition ${at + 1}: value`}
        value={text}
        list={id}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={(quoted && !textual) || undefined}
        onChange={(event) => {
          write(event.target.value)
        }}
      />
      <datalist id={id}>
        {offeredValues(sample, column).map(([value, times]) => (
          <option key={value} value={value} label={`${value} · ${count(times)}`} />
        ))}
      </datalist>
    </>
  )
}
