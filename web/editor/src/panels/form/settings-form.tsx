// The form of the settings of a type: those that matter first, the others folded, conditional ones only where they hold.
import type { Json, JsonObject, SettingSpec } from '@weir/flow-model'
import { Fold } from './fold.tsx'
import { problemsAt, useForm } from './form-context.ts'
import { labelOf, SettingField } from './setting-field.tsx'
import { isChanged, slotAt } from './slot.ts'
import type { FormTarget, Slot } from './slot.ts'
import { isVisible } from './visible-when.ts'

/** Settings that are there without being opened: the required, and the first of the others. */
const kFirst = 6

interface Shown {
  spec: SettingSpec
  slot: Slot
}

/** Those first, and those that are folded away. */
export function parted(shown: readonly Shown[]): { first: Shown[]; more: Shown[] } {
  if (shown.length <= kFirst + 2) return { first: [...shown], more: [] }
  const first = shown.filter(({ spec }, at) => spec.required || at < kFirst)
  return { first, more: shown.filter((each) => !first.includes(each)) }
}

/** @param specs Of one type, or those that the types of several elements share. */
export function SettingsForm({ target, specs }: { target: FormTarget; specs: readonly SettingSpec[] }) {
  const facts = useForm()
  const [id] = target.ids
  const settings: JsonObject =
    (id === undefined ? undefined : target.session.document.node(id)?.settings) ?? new Map<string, Json>()
  const shown = specs
    .filter((spec) => isVisible(spec.visibleWhen, settings, specs))
    .map((spec) => ({
      spec,
      slot: slotAt(target, `/settings/${spec.name}`, labelOf(spec).toLowerCase(), spec.default)
    }))
  const { first, more } = parted(shown)
  const changed = more.filter(({ slot }) => isChanged(slot)).length
  const wrong = more.some(({ slot }) => problemsAt(facts, slot.path, true).length > 0)
  return (
    <>
      {first.map(({ spec, slot }) => (
        <SettingField key={spec.name} spec={spec} slot={slot} />
      ))}
      {more.length > 0 && (
        <Fold
          wrong={wrong}
          title={
            <span className="text-mute">More settings · {changed === 0 ? 'all defaults' : `${changed} changed`}</span>
          }
        >
          {more.map(({ spec, slot }) => (
            <SettingField key={spec.name} spec={spec} slot={slot} />
          ))}
        </Fold>
      )}
    </>
  )
}

/** Settings that all of these types have, alike. */
export function sharedSpecs(types: readonly (readonly SettingSpec[])[]): SettingSpec[] {
  const [first = [], ...others] = types
  return first.filter((spec) =>
    others.every((specs) =>
      specs.some(
        (other) =>
          other.name === spec.name && other.type === spec.type && other.options.join('\n') === spec.options.join('\n')
      )
    )
  )
}
