// Fields of what the engine does: a group of them, open or folded.
import { Fold } from './fold.tsx'
import { problemsAt, useForm } from './form-context.ts'
import { engineSlot } from './engine-specs.ts'
import type { EngineSpec } from './engine-specs.ts'
import { SettingField } from './setting-field.tsx'
import { isChanged } from './slot.ts'
import type { FormTarget } from './slot.ts'

export function EngineFields(props: {
  target: FormTarget
  specs: readonly EngineSpec[]
  /** What stands above them: a label that says the same is not shown. */
  heading?: string
}) {
  const { target, specs, heading = '' } = props
  return (
    <>
      {specs.map((spec) => (
        <SettingField key={spec.path} spec={spec} slot={engineSlot(target, spec)} bare={spec.label === heading} />
      ))}
    </>
  )
}

/** Folded; its line says how many are not as they are by default. */
export function FoldedFields(props: {
  title: string
  target: FormTarget
  specs: readonly EngineSpec[]
  /** In the place of how many were changed. */
  note?: string
}) {
  const { title, target, specs, note } = props
  const facts = useForm()
  const changed = specs.filter((spec) => isChanged(engineSlot(target, spec))).length
  const wrong = specs.some((spec) => problemsAt(facts, spec.path, true).length > 0)
  return (
    <Fold
      wrong={wrong}
      title={
        <>
          {title} <span className="text-mute">· {note ?? (changed === 0 ? 'all defaults' : `${changed} changed`)}</span>
        </>
      }
    >
      <EngineFields target={target} specs={specs} heading={title} />
    </Fold>
  )
}
