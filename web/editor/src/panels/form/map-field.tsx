// A map: a row for each name with its value; a name is written once it is left, so that half of one replaces nothing.
import type { Json, SettingSpec } from '@weir/flow-model'
import { useState } from 'react'
import { problemsAt, useForm } from './form-context.ts'
import { DraftInput } from './draft-input.tsx'
import { labelOf, SettingInput } from './setting-field.tsx'
import type { InputProps } from './setting-field.tsx'
import { shownValue, slotBelow, withMember } from './slot.ts'
import type { Slot } from './slot.ts'

function renamed(map: ReadonlyMap<string, Json>, from: string, to: string): ReadonlyMap<string, Json> {
  return new Map([...map].map(([key, value]) => [key === from ? to : key, value]))
}

export function MapField(props: InputProps) {
  const { id, spec, slot, described, tellWrong, problems } = props
  const value = shownValue(slot)
  const map: ReadonlyMap<string, Json> = value instanceof Map ? value : new Map<string, Json>()
  const [item] = spec.items
  const add = (): void => {
    let name = 'name'
    for (let number = 2; map.has(name); ++number) name = `name${number}`
    slot.set(withMember(map, name, item?.type === 'expression' || item?.type === 'string' ? '' : null))
  }
  if (spec.items.length !== 1 || item === undefined || item.name !== '')
    return (
      <DraftInput
        id={id}
        type="map"
        value={value}
        placeholder=""
        invalid={problems.length > 0}
        described={described}
        disabled={false}
        lines={5}
        set={slot.set}
        tellWrong={tellWrong}
      />
    )
  return (
    <div id={id} role="group" aria-label={labelOf(spec)} className="grid gap-1.5">
      {[...map.keys()].map((name, at) => (
        <Member key={at} id={`${id}-${at}`} spec={spec} item={item} slot={slot} map={map} name={name} />
      ))}
      <button type="button" className="justify-self-start text-data text-water hover:underline" onClick={add}>
        + {map.size === 0 ? 'Add' : 'Add another'}
      </button>
    </div>
  )
}

interface MemberProps {
  id: string
  spec: SettingSpec
  item: SettingSpec
  slot: Slot
  map: ReadonlyMap<string, Json>
  name: string
}

function Member({ id, spec, item, slot, map, name }: MemberProps) {
  const facts = useForm()
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const inner = slotBelow(slot, name, `${labelOf(spec).toLowerCase()} ${name}`)
  const problems = problemsAt(facts, inner.path, true)
  const taken = draft !== undefined && draft !== name && map.has(draft)
  const keep = (): void => {
    if (draft !== undefined && draft !== '' && draft !== name && !taken) slot.set(renamed(map, name, draft))
    if (!taken) setDraft(undefined)
  }
  const wide = item.type === 'expression'
  return (
    <div className={wide ? 'grid gap-1 border-l border-line pl-2' : ''}>
      <div className="flex items-center gap-1">
        <input
          className={`field font-mono text-data ${wide ? 'flex-1' : 'w-2/5'}`}
          aria-label={`${labelOf(spec)}: name`}
          aria-invalid={taken || undefined}
          value={draft ?? name}
          list={spec.format.startsWith('field') ? `${id}-names` : undefined}
          onChange={(event) => {
            setDraft(event.target.value)
          }}
          onBlur={keep}
          onKeyDown={(event) => {
            if (event.key === 'Enter') keep()
          }}
        />
        {spec.format.startsWith('field') && (
          <datalist id={`${id}-names`}>
            {facts.sample.fields.map((field) => (
              <option key={field.name} value={field.name} />
            ))}
          </datalist>
        )}
        {!wide && <div className="min-w-0 flex-1">{input(item, inner, problems, id, name)}</div>}
        <button
          type="button"
          className="px-1 text-mute hover:text-text"
          aria-label={`Remove ${name}`}
          onClick={() => {
            slot.set(map.size === 1 ? undefined : withMember(map, name, undefined))
          }}
        >
          ✕
        </button>
      </div>
      {wide && input(item, inner, problems, id, name)}
      {taken && <p className="text-small text-error">✕ There is one of this name already.</p>}
    </div>
  )
}

function input(item: SettingSpec, slot: Slot, problems: InputProps['problems'], id: string, name: string) {
  const spec = { ...item, label: name }
  return (
    <SettingInput
      id={id}
      spec={spec}
      slot={slot}
      problems={problems}
      described={undefined}
      tellWrong={() => undefined}
      label={name}
    />
  )
}
