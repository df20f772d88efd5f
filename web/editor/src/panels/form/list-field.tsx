// A list: rows of values, or cards of members; elements are added, moved and taken away.
import type { Json, SettingSpec } from '@weir/flow-model'
import { Menu } from '@weir/ui/menu.tsx'
import { problemsAt, useForm } from './form-context.ts'
import { fieldText } from './read-value.ts'
import { labelOf, SettingField, SettingInput } from './setting-field.tsx'
import type { InputProps } from './setting-field.tsx'
import { shownValue, slotBelow, withMember } from './slot.ts'
import type { Slot } from './slot.ts'
import { isVisible } from './visible-when.ts'

const kText: SettingSpec = {
  name: '',
  type: 'string',
  label: '',
  help: '',
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
  gives: ''
}

function moved(list: readonly Json[], from: number, to: number): Json[] {
  const made = [...list]
  const [one] = made.splice(from, 1)
  if (one !== undefined) made.splice(to, 0, one)
  return made
}

/** A new element: its members' defaults are not written down. */
function fresh(spec: SettingSpec): Json {
  const [first] = spec.items
  if (first !== undefined && first.name !== '') return new Map()
  return first?.type === 'boolean' ? false : first?.type === 'integer' || first?.type === 'number' ? 0 : ''
}

export function ListField({ id, spec, slot }: InputProps) {
  const value = shownValue(slot)
  const list = Array.isArray(value) ? (value as readonly Json[]) : []
  const members = spec.items.length > 0 && spec.items[0]?.name !== ''
  return (
    <div id={id} role="group" aria-label={labelOf(spec)} className="grid gap-1.5">
      {list.map((element, at) => {
        const inner = slotBelow(slot, at, `${labelOf(spec)} ${at + 1}`)
        const parts = { id: `${id}-${at}`, spec, slot: inner, list: slot, at, count: list.length }
        return members ? <Card key={at} {...parts} /> : <Line key={at} {...parts} element={element} />
      })}
      <button
        type="button"
        className="justify-self-start text-data text-water hover:underline"
        onClick={() => {
          slot.set([...list, fresh(spec)])
        }}
      >
        + {list.length === 0 ? 'Add' : 'Add another'}
      </button>
    </div>
  )
}

interface ElementProps {
  id: string
  spec: SettingSpec
  slot: Slot
  list: Slot
  at: number
  count: number
}

function ElementMenu({ spec, list, at, count }: ElementProps) {
  const value = shownValue(list)
  const all = Array.isArray(value) ? (value as readonly Json[]) : []
  const place = (to: number) => () => {
    list.set(moved(all, at, to))
  }
  const items = [
    ...(at > 0 ? [{ words: 'Move up', act: place(at - 1) }] : []),
    ...(at + 1 < count ? [{ words: 'Move down', act: place(at + 1) }] : []),
    {
      words: 'Remove',
      danger: true,
      act: () => {
        list.set(withMember(all, at, undefined))
      }
    }
  ]
  return <Menu label={`${labelOf(spec)} ${at + 1}: move or remove`} items={items} />
}

function Line(props: ElementProps & { element: Json }) {
  const { id, spec, slot, at, element } = props
  const facts = useForm()
  const problems = problemsAt(facts, slot.path, true)
  const structured = typeof element === 'object' && element !== null
  const inner = spec.items[0] ?? { ...kText, type: structured ? 'map' : 'string', format: 'field' }
  return (
    <div>
      <div className="flex items-start gap-1">
        <div className="min-w-0 flex-1">
          {structured && spec.items.length === 0 ? (
            <output className="field block font-mono text-data">{fieldText(element)}</output>
          ) : (
            <SettingInput
              id={id}
              spec={{ ...inner, name: inner.name, label: `${labelOf(spec)} ${at + 1}` }}
              slot={slot}
              problems={problems}
              described={undefined}
              tellWrong={() => undefined}
              label={`${labelOf(spec)} ${at + 1}`}
            />
          )}
        </div>
        <ElementMenu {...props} />
      </div>
      {problems.map(({ text }) => (
        <p key={text} className="text-small text-error">
          ✕ {text}
        </p>
      ))}
    </div>
  )
}

function Card(props: ElementProps) {
  const { spec, slot, at } = props
  const value = slot.value
  const given = value instanceof Map ? (value as ReadonlyMap<string, Json>) : new Map<string, Json>()
  return (
    <div
      role="group"
      aria-label={`${labelOf(spec)} ${at + 1}`}
      className="grid gap-2 rounded-base border border-line p-2"
    >
      <div className="-mb-1 flex items-center text-small text-faint">
        <span className="flex-1">{at + 1}</span>
        <ElementMenu {...props} />
      </div>
      {spec.items
        .filter((member) => isVisible(member.visibleWhen, given, spec.items))
        .map((member) => (
          <SettingField
            key={member.name}
            spec={member}
            slot={slotBelow(slot, member.name, labelOf(member).toLowerCase(), member.default)}
          />
        ))}
    </div>
  )
}
