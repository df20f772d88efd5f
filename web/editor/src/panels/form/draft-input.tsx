// An input whose text need not be a value yet: what is none stays as it was typed, with the reason, until it is one.
import { useState } from 'react'
import type { Json, SettingType } from '@weir/flow-model'
import { fieldText, readValue } from './read-value.ts'

interface DraftProps {
  id: string
  type: SettingType
  value: Json | undefined
  placeholder: string
  invalid: boolean
  described: string | undefined
  disabled: boolean
  /** Of a text that is a value; undefined: none is given. */
  set: (value: Json | undefined) => void
  /** Why what is typed is none; empty if it is one. */
  tellWrong: (reason: string) => void
  /** What is stored of a value that was read. */
  stored?: ((value: Json | undefined) => Json | undefined) | undefined
  /** A datalist of suggestions. */
  list?: string | undefined
  lines?: number
  label?: string
}

export function DraftInput(props: DraftProps) {
  const shown = fieldText(props.value)
  const [draft, setDraft] = useState<{ text: string; of: string } | undefined>(undefined)
  // What was typed holds as long as the document says what it said then.
  const text = draft !== undefined && draft.of === shown ? draft.text : shown
  const change = (typed: string): void => {
    const read = readValue(props.type, typed)
    props.tellWrong(read.ok ? '' : read.reason)
    if (!read.ok) {
      setDraft({ text: typed, of: shown })
      return
    }
    const value = props.stored === undefined ? read.value : props.stored(read.value)
    setDraft({ text: typed, of: fieldText(value) })
    props.set(value)
  }
  const common = {
    id: props.id,
    value: text,
    placeholder: props.placeholder,
    disabled: props.disabled,
    spellCheck: false,
    autoComplete: 'off',
    'aria-invalid': props.invalid || undefined,
    'aria-describedby': props.described,
    'aria-label': props.label,
    className: `field text-data ${kMono.has(props.type) ? 'font-mono' : ''}`
  }
  if (props.lines !== undefined)
    return (
      <textarea
        {...common}
        rows={props.lines}
        onChange={(event) => {
          change(event.target.value)
        }}
      />
    )
  return (
    <input
      {...common}
      list={props.list}
      inputMode={props.type === 'integer' || props.type === 'number' ? 'decimal' : undefined}
      onChange={(event) => {
        change(event.target.value)
      }}
    />
  )
}

const kMono: ReadonlySet<SettingType> = new Set([
  'path',
  'integer',
  'number',
  'duration',
  'bytesize',
  'schema',
  'code',
  'list',
  'map'
])
