// EdgePanel: what an edge holds and does with the rows that move along it, and its equation in exact numbers.
import { setPreset } from '@weir/flow-model'
import type { FlowEdge } from '@weir/flow-model'
import { Choice } from '@weir/ui/choice.tsx'
import { useMemo } from 'react'
import { AlertButton } from '../../alerts/alert-button.tsx'
import { nameOf } from '../../canvas/actions.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { useSampleOf } from '../data/use-edge-rows.ts'
import { EngineFields, FoldedFields } from '../form/engine-fields.tsx'
import {
  kBatchSpecs,
  kCapacitySpecs,
  kFilterSpec,
  kFullSpecs,
  kSafetySpecs,
  kTransformSpec
} from '../form/engine-specs.ts'
import { FormContext, parameterNames, problemsAt, problemsOf } from '../form/form-context.ts'
import type { FormFacts } from '../form/form-context.ts'
import type { FormTarget } from '../form/slot.ts'
import { touches, useChanges, useChosen } from '../form/use-changes.ts'
import { useFieldWish } from '../form/use-field-wish.ts'
import { BreakpointButton } from '../node/node-actions.tsx'
import { Part } from '../part.tsx'
import { BreakpointFields } from '../run/breakpoint-fields.tsx'
import { EdgeEquation } from './edge-equation.tsx'

/** Of the edge that is chosen; of several, of all of them; nothing if none are. */
export function EdgePanel() {
  const session = useSession()
  const ids = useChosen(session, 'edges')
  if (ids.length === 0) return null
  return <EdgeForm key={ids.join('\n')} session={session} ids={ids} />
}

function EdgeForm({ session, ids }: { session: EditorSession; ids: readonly string[] }) {
  useChanges(session, (changes) => touches(changes, 'edges', ids) || changes.kinds.nodes.changed.size > 0)
  const target = useMemo<FormTarget>(() => ({ session, kind: 'edges', ids }), [session, ids])
  const place = usePart(session.run, (state) => state.place)
  const list = usePart(session.problems.store, (state) => state.list)
  const shown = usePart(session.run, (state) => state.shown)
  const one = ids.length === 1
  const sample = useSampleOf(session, one ? ids[0] : undefined)
  const problems = useMemo(() => problemsOf(target, list), [target, list])
  const facts: FormFacts = { session, place, sample, problems, parameters: parameterNames(session) }
  const form = useFieldWish(session)
  const edge = session.document.edge(ids[0] ?? '')
  if (edge === undefined) return null
  const above = problemsAt(facts, '').concat(problemsAt(facts, '/source', true), problemsAt(facts, '/target', true))
  return (
    <FormContext value={facts}>
      <div ref={form} className="grid content-start gap-4 p-4">
        <EdgeHead session={session} edge={edge} count={ids.length} />
        {above.map(({ text }) => (
          <p key={text} className="text-data text-error">
            <span aria-hidden="true">✕</span> {text}
          </p>
        ))}
        {one && shown !== undefined && <EdgeEquation run={shown} id={edge.id} />}
        <EngineFields target={target} specs={[kFilterSpec, kTransformSpec]} />
        <Part title="Capacity">
          <Presets session={session} ids={ids} />
          <EngineFields target={target} specs={kCapacitySpecs} />
        </Part>
        <Part title="When it is full">
          <EngineFields target={target} specs={kFullSpecs} heading="When it is full" />
        </Part>
        <Part title="Safety">
          <EngineFields target={target} specs={kSafetySpecs} />
        </Part>
        <FoldedFields title="Batches" target={target} specs={kBatchSpecs} />
        {one && (
          <div className="grid justify-items-start gap-2">
            <div className="flex flex-wrap gap-2">
              <BreakpointButton session={session} kind="edges" id={edge.id} />
              <AlertButton session={session} wish={{ subject: edge.id, of: 'edge' }} />
            </div>
            <BreakpointFields session={session} kind="edges" id={edge.id} />
          </div>
        )}
      </div>
    </FormContext>
  )
}

function EdgeHead({ session, edge, count }: { session: EditorSession; edge: FlowEdge; count: number }) {
  if (count > 1)
    return (
      <header>
        <h2 className="text-head font-semibold">{count} edges</h2>
        <p className="text-data text-mute">A change goes to all of them.</p>
      </header>
    )
  return (
    <header>
      <h2 className="text-head font-semibold">
        {nameOf(session, edge.source.node)} <span aria-hidden="true">→</span>
        <span className="sr-only"> to </span> {nameOf(session, edge.target.node)}
      </h2>
      <p className="text-data text-mute">
        edge · <code>{edge.source.port}</code> to <code>{edge.target.port}</code>
      </p>
    </header>
  )
}

const kPresets = [
  ['', 'choose a preset…'],
  ['highFrequency', 'many small rows'],
  ['lowLatency', 'soon, rather than many at once'],
  ['smallMemory', 'little memory']
] as const

/** Fills in what the edge does not say itself. */
function Presets({ session, ids }: { session: EditorSession; ids: readonly string[] }) {
  return (
    <Choice
      label="Preset"
      help="Sets what is not set yet"
      value=""
      options={kPresets}
      choose={(preset) => {
        if (preset === '') return
        const done = session.do(
          ids.flatMap((id) => setPreset(session.document, id, preset)),
          'Use a preset'
        )
        if (done.gesture === undefined) session.tell('The edge says all of that itself already.')
      }}
    />
  )
}
