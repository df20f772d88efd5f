// FormulaField: one CEL text with two faces, rows of conditions and the text; its result on sample rows stands below.
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import type { FormulaCheck, RunPlace } from '../run/shown-run.ts'
import { kNoSample } from '../panels/form/form-context.ts'
import type { SampleRows, Told } from '../panels/form/form-context.ts'
import { columnText } from './cel-tokens.ts'
import { ConditionRows } from './condition-rows.tsx'
import { readConditions } from './conditions.ts'
import { FateResult } from './fate-result.tsx'
import { FormulaEditor } from './formula-editor.ts'
import { FormulaResult } from './formula-result.tsx'
import { rewriteHabits } from './habits.ts'
import { useFates } from './use-fates.ts'
import { useFormula } from './use-formula.ts'

export interface FormulaFieldProps {
  id?: string
  label: string
  text: string
  /** The type that it must have, such as bool, which has two faces; empty: any. */
  gives?: string
  place: RunPlace | undefined
  sample?: SampleRows
  /** Of the document, such as that it is missing. */
  problems?: readonly Told[]
  set: (text: string) => void
  undo: () => void
  redo: () => void
}

const kNone: FormulaCheck['problems'] = []

export function FormulaField(props: FormulaFieldProps) {
  const { label, text, gives = '', place, sample = kNoSample, problems = [] } = props
  const own = useId()
  const id = props.id ?? own
  const columns = useMemo(() => sample.fields.map((field) => field.name), [sample.fields])
  const meant = useMemo(() => rewriteHabits(text, columns), [text, columns])
  const state = useFormula(meant.text, gives, place, sample)
  const conditions = useMemo(() => (gives === 'bool' ? readConditions(text) : undefined), [gives, text])
  const [before, setBefore] = useBefore(meant.text, sample.ranWith ?? '')
  const sound = gives === 'bool' && state.text === meant.text && state.check?.problems.length === 0
  const fates = useFates(sound ? meant.text : undefined, before, place, sample.held, sample.fields)
  const [asText, setAsText] = useState(false)
  const [note, setNote] = useState('')
  const rows = conditions !== undefined && !asText && meant.notes.length === 0
  const inError = state.text === meant.text ? (state.check?.problems ?? kNone) : kNone
  const told = [
    ...new Set([
      ...inError.map((each) => [each.message, each.suggestion].filter(Boolean).join(' ')),
      ...problems.map((each) => each.text)
    ])
  ]
  const rewrite = (): void => {
    if (meant.notes.length === 0 || meant.text === text) return
    setNote(meant.notes.join(', '))
    props.set(meant.text)
  }
  const set = (next: string): void => {
    setNote('')
    props.set(next)
  }
  const face = <Face rows={rows} possible={conditions !== undefined} show={setAsText} />
  return (
    <div className="grid gap-1.5" id={id} data-formula="">
      {rows ? (
        <ConditionRows label={label} conditions={conditions} sample={sample} set={set} aside={face} />
      ) : (
        <>
          {gives === 'bool' && <div className="flex text-data">{face}</div>}
          <FormulaText
            {...props}
            sample={sample}
            set={set}
            left={rewrite}
            underlined={meant.notes.length > 0 ? kNone : inError}
            invalid={told.length > 0}
          />
        </>
      )}
      <Notes pending={meant.notes} note={note} />
      {told.map((one) => (
        <p key={one} className="text-small text-error" role="status">
          <span aria-hidden="true">✕</span> {one}
        </p>
      ))}
      {told.length === 0 &&
        (fates !== undefined && sound ? (
          <FateResult
            fates={fates}
            since={before}
            startHere={() => {
              setBefore(meant.text)
            }}
          />
        ) : (
          <FormulaResult state={state} gives={gives} sample={sample} />
        ))}
    </div>
  )
}

/** The condition that what is typed is compared with: as it was when the field was opened, or when the run that is shown was started. */
function useBefore(text: string, ranWith: string): readonly [string, (before: string) => void] {
  const [before, setBefore] = useState({ text, ranWith })
  if (before.ranWith !== ranWith) setBefore({ text: ranWith === '' ? before.text : text, ranWith })
  return [
    before.text,
    (next) => {
      setBefore({ text: next, ranWith })
    }
  ]
}

function Notes({ pending, note }: { pending: readonly string[]; note: string }) {
  const words = pending.length > 0 ? `Read as CEL: ${pending.join(', ')}.` : note === '' ? '' : `Rewritten: ${note}.`
  return (
    <p role="status" className={words === '' ? 'sr-only' : 'text-small text-mute'}>
      {words.split('`').map((piece, at) => (at % 2 === 1 ? <code key={at}>{piece}</code> : piece))}
    </p>
  )
}

interface FaceProps {
  rows: boolean
  possible: boolean
  show: (asText: boolean) => void
}

/** Which face is shown, and the way to the other. */
function Face({ rows, possible, show }: FaceProps) {
  return (
    <>
      {!rows && !possible && <span className="text-faint">written as a formula</span>}
      {(rows || possible) && (
        <button
          type="button"
          className="ml-auto text-water hover:underline"
          onClick={() => {
            show(rows)
          }}
        >
          {rows ? 'as formula' : 'as rows'}
        </button>
      )}
    </>
  )
}

type Underlined = FormulaCheck['problems']

interface TextProps extends Omit<FormulaFieldProps, 'problems'> {
  sample: SampleRows
  left: () => void
  underlined: Underlined
  invalid: boolean
}

/** The text face: the editor is made once, and told what changes. */
function FormulaText(props: TextProps) {
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<FormulaEditor>(undefined)
  const latest = useRef(props)
  latest.current = props
  useEffect(() => {
    if (host.current === null) return undefined
    const made = new FormulaEditor(host.current, {
      label: latest.current.label,
      text: latest.current.text,
      hint: latest.current.gives === 'bool' ? 'row.status == "paid"' : 'row.price * 2.0',
      changed: (text) => {
        latest.current.set(text)
      },
      left: () => {
        latest.current.left()
      },
      completions: async (text, at) => {
        const { place, sample } = latest.current
        return place === undefined ? [] : place.completions(text, at, sample.fields)
      },
      undo: () => {
        latest.current.undo()
      },
      redo: () => {
        latest.current.redo()
      }
    })
    editor.current = made
    return () => {
      made.dispose()
      editor.current = undefined
    }
  }, [])
  useEffect(() => {
    editor.current?.setText(props.text)
  }, [props.text])
  useEffect(() => {
    editor.current?.show(props.underlined)
  }, [props.underlined])
  const look = props.invalid ? 'border-error' : 'border-edge'
  return (
    <>
      <div ref={host} className={`rounded-base border bg-bg focus-within:border-water ${look}`} data-formula-text="" />
      <Columns sample={props.sample} insert={(text) => editor.current?.insert(text)} />
    </>
  )
}

/** The columns that can be read, to be put in by a click. */
function Columns({ sample, insert }: { sample: SampleRows; insert: (text: string) => void }) {
  if (sample.fields.length === 0) return null
  return (
    <details className="text-small text-mute">
      <summary className="hover:text-text">{sample.fields.length} columns</summary>
      <div className="mt-1 flex flex-wrap gap-1">
        {sample.fields.slice(0, 60).map(({ name, type }) => (
          <button
            key={name}
            type="button"
            title={type}
            className="rounded-full border border-line px-1.5 font-mono text-small hover:border-edge hover:text-text"
            onClick={() => {
              insert(columnText(name))
            }}
          >
            {name}
          </button>
        ))}
      </div>
    </details>
  )
}
