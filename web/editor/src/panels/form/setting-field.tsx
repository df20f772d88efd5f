// One setting of a node as a field: by its type, with its default, what is wrong with it, and parameters in its place.
import { parseByteSize, parseDuration } from '@weir/flow-model'
import type { Json, SettingSpec } from '@weir/flow-model'
import { bytes, duration } from '@weir/ui/figures/figures.ts'
import { Menu } from '@weir/ui/menu.tsx'
import { useId, useState } from 'react'
import type { ReactNode } from 'react'
import { FormulaField } from '../../formula/formula-field.tsx'
import { DraftInput } from './draft-input.tsx'
import { describedBy, FieldFrame } from './field-frame.tsx'
import { problemsAt, useForm } from './form-context.ts'
import type { Told } from './form-context.ts'
import { ListField } from './list-field.tsx'
import { MapField } from './map-field.tsx'
import { fieldText, isReference } from './read-value.ts'
import { SecretInput } from './secret-input.tsx'
import { isChanged, shownValue } from './slot.ts'
import type { Slot } from './slot.ts'

/** A name for people: the label, or the name with its words apart. */
export function labelOf(spec: Pick<SettingSpec, 'label' | 'name'>): string {
  if (spec.label !== '') return spec.label
  const words = spec.name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What has to be given has no default to differ from, nor has what a flow says of itself. */
export function isMarked(spec: SettingSpec, slot: Slot): boolean {
  return isChanged(slot) && !(spec.required && spec.default === undefined) && slot.target.kind !== 'flow'
}

const kNone: readonly Told[] = []

/** A field with its frame. */
export function SettingField({ spec, slot, bare = false }: { spec: SettingSpec; slot: Slot; bare?: boolean }) {
  const id = useId()
  const facts = useForm()
  const [wrong, setWrong] = useState('')
  const inner = spec.type === 'list' || spec.type === 'map' || spec.type === 'expression'
  const told = problemsAt(facts, slot.path, !inner && spec.type !== 'schema')
  const problems: Told[] = wrong === '' ? told : [{ severity: 'error', text: wrong }]
  const note = measure(spec, shownValue(slot))
  const input = (
    <SettingInput
      id={id}
      spec={spec}
      slot={slot}
      problems={problems}
      described={describedBy(id, spec.help, problems)}
      tellWrong={setWrong}
    />
  )
  const lead = spec.type === 'boolean' && !isReference(shownValue(slot))
  return (
    <FieldFrame
      id={id}
      bare={bare}
      lead={lead ? input : undefined}
      path={slot.path}
      label={labelOf(spec)}
      help={spec.help}
      required={spec.required && spec.default === undefined}
      changed={isMarked(spec, slot)}
      mixed={slot.mixed}
      // A formula tells them itself, beside what its check says.
      problems={spec.type === 'expression' ? kNone : problems}
      reset={() => {
        setWrong('')
        slot.set(undefined)
      }}
      actions={
        <>
          {note !== '' && <span className="text-small text-faint">{note}</span>}
          <ParameterMenu spec={spec} slot={slot} names={facts.parameters} />
        </>
      }
    >
      {lead ? null : input}
    </FieldFrame>
  )
}

export interface InputProps {
  id: string
  spec: SettingSpec
  slot: Slot
  problems: readonly Told[]
  described: string | undefined
  tellWrong: (reason: string) => void
  /** Read out where no label stands beside it. */
  label?: string
}

/** The input alone, for lists and maps too. */
export function SettingInput(props: InputProps): ReactNode {
  const { spec, slot } = props
  const value = shownValue(slot)
  if (isReference(value) && !kTextual.has(spec.type) && spec.type !== 'secret')
    return <Reference {...props} value={value} />
  switch (spec.type) {
    case 'boolean':
      return <Toggle {...props} checked={value === true} />
    case 'enum':
      return <Options {...props} value={fieldText(value)} />
    case 'expression':
      return <FormulaOf {...props} />
    case 'secret':
      return <SecretInput {...props} />
    case 'list':
      return <ListField {...props} />
    case 'map':
      return <MapField {...props} />
    default:
      return <Written {...props} />
  }
}

const kTextual: ReadonlySet<string> = new Set(['string', 'text', 'path', 'code', 'schema', 'expression'])

function measure(spec: SettingSpec, value: Json | undefined): string {
  if (typeof value !== 'number' && typeof value !== 'string') return ''
  if (spec.type === 'duration') {
    const ms = typeof value === 'number' ? value : parseDuration(value)
    return ms === undefined || ms < 0 ? '' : duration(ms)
  }
  if (spec.type !== 'bytesize') return ''
  const size = typeof value === 'number' ? value : parseByteSize(value)
  return size === undefined ? '' : bytes(size)
}

/** Puts a parameter of the flow in the place of a value. */
function ParameterMenu({ spec, slot, names }: { spec: SettingSpec; slot: Slot; names: readonly string[] }) {
  // Parameters go into settings alone; formulas have them as params.name.
  if (names.length === 0 || spec.type === 'expression' || spec.type === 'code' || !slot.path.startsWith('/settings/'))
    return null
  const items = names.map((name) => ({
    words: `\${${name}}`,
    act: () => {
      slot.set(`\${${name}}`)
    }
  }))
  return (
    <span className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
      <Menu label={`Use a parameter for ${labelOf(spec)}`} items={items} />
    </span>
  )
}

function Reference({ id, slot, value, described }: InputProps & { value: string }) {
  return (
    <div className="flex items-center gap-2">
      <output id={id} aria-describedby={described} className="field flex-1 font-mono text-data text-water">
        {value}
      </output>
      <button
        type="button"
        className="text-small text-mute hover:text-text"
        onClick={() => {
          slot.set(undefined)
        }}
      >
        Use a value
      </button>
    </div>
  )
}

function Toggle({ id, slot, checked, described, label }: InputProps & { checked: boolean }) {
  return (
    <input
      id={id}
      type="checkbox"
      className="size-4 accent-water"
      checked={checked}
      aria-describedby={described}
      aria-label={label}
      onChange={(event) => {
        const next = event.target.checked
        slot.set(next === slot.fallback ? undefined : next)
      }}
    />
  )
}

function Options({ id, spec, slot, value, problems, described, label }: InputProps & { value: string }) {
  const known = spec.options.includes(value)
  return (
    <select
      id={id}
      className="field text-data"
      value={value}
      aria-invalid={problems.length > 0 || undefined}
      aria-describedby={described}
      aria-label={label}
      onChange={(event) => {
        const next = event.target.value
        slot.set(next === '' || next === slot.fallback ? undefined : next)
      }}
    >
      {!known && <option value={value}>{value === '' ? 'choose…' : `${value} (not known)`}</option>}
      {spec.options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  )
}

function Written(props: InputProps) {
  const { id, spec, slot, problems, described, tellWrong, label } = props
  const facts = useForm()
  const fields = spec.format.startsWith('field') ? facts.sample.fields : []
  const set = (value: Json | undefined): void => {
    // An empty text is one where there would be another without it.
    const emptied = value === undefined && typeof slot.fallback === 'string' && slot.fallback !== ''
    slot.set(emptied ? '' : value)
  }
  const lines = spec.type === 'text' || spec.type === 'code' || spec.type === 'schema' ? 3 : undefined
  return (
    <>
      <div className="flex gap-2">
        {spec.format === 'color' && <ColourInput slot={slot} label={labelOf(spec)} />}
        <DraftInput
          id={id}
          type={spec.type}
          value={shownValue(slot)}
          placeholder={slot.mixed ? 'differs' : (slot.absent ?? '')}
          invalid={problems.some((each) => each.severity === 'error')}
          described={described}
          disabled={false}
          stored={slot.stored}
          set={set}
          tellWrong={tellWrong}
          {...(fields.length === 0 ? {} : { list: `${id}-list` })}
          {...(lines === undefined ? {} : { lines })}
          {...(label === undefined ? {} : { label })}
        />
      </div>
      {fields.length > 0 && (
        <datalist id={`${id}-list`}>
          {fields.map((field) => (
            <option key={field.name} value={field.name} />
          ))}
        </datalist>
      )}
    </>
  )
}

function ColourInput({ slot, label }: { slot: Slot; label: string }) {
  const value = shownValue(slot)
  return (
    <input
      type="color"
      className="h-[30px] w-9 shrink-0 rounded-base border border-edge bg-bg p-0.5"
      aria-label={`${label}, chosen by eye`}
      value={typeof value === 'string' && /^#[0-9a-fA-F]{6}$/.test(value) ? value : '#808080'}
      onChange={(event) => {
        slot.set(event.target.value)
      }}
    />
  )
}

function FormulaOf({ id, spec, slot, problems, label }: InputProps) {
  const { place, sample, session } = useForm()
  const value = shownValue(slot)
  return (
    <FormulaField
      id={id}
      label={label ?? labelOf(spec)}
      text={typeof value === 'string' ? value : ''}
      gives={spec.gives}
      place={place}
      sample={sample}
      problems={problems}
      set={(text) => {
        slot.set(text === '' ? undefined : text)
      }}
      undo={() => {
        session.undo()
      }}
      redo={() => {
        session.redo()
      }}
    />
  )
}
