// NodePanel: the form of the nodes that are chosen, with what comes and goes there in the run that is shown.
import type { FlowNode } from '@weir/flow-model'
import { useMemo } from 'react'
import { NodeOfThis } from '../../boxes/node-of-this.tsx'
import { OwnNodePart } from '../../boxes/own-node-part.tsx'
import { usePart, useSession } from '../../session/use-session.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { useSample } from '../data/use-edge-rows.ts'
import { FoldedFields } from '../form/engine-fields.tsx'
import { kNodeSpecs } from '../form/engine-specs.ts'
import { FormContext, parameterNames, problemsAt, problemsOf } from '../form/form-context.ts'
import type { FormFacts } from '../form/form-context.ts'
import { SettingsForm, sharedSpecs } from '../form/settings-form.tsx'
import type { FormTarget } from '../form/slot.ts'
import { touches, useChanges, useChosen } from '../form/use-changes.ts'
import { useFieldWish } from '../form/use-field-wish.ts'
import { Part } from '../part.tsx'
import { BreakpointFields } from '../run/breakpoint-fields.tsx'
import { Bypass, NodeHead } from './node-head.tsx'
import { NodeActions } from './node-actions.tsx'
import { NodeEquation } from './node-equation.tsx'
import { NodeFigures } from './node-figures.tsx'
import { NodePorts } from './node-ports.tsx'
import { RawSettings } from './raw-settings.tsx'
import { ReaderFilesPart } from './reader-files-part.tsx'

/** Of the nodes that are chosen; nothing if none are. */
export function NodePanel() {
  const session = useSession()
  const ids = useChosen(session, 'nodes')
  if (ids.length === 0) return null
  return <NodeForm key={ids.join('\n')} session={session} ids={ids} />
}

/** Also when edges come and go, and when parameters do. */
function useNodes(session: EditorSession, ids: readonly string[]): FlowNode[] {
  useChanges(session, (changes) => {
    const { added, removed, changed } = changes.kinds.edges
    return touches(changes, 'nodes', ids) || added.size + removed.size + changed.size > 0 || changes.flow.size > 0
  })
  return ids.flatMap((id) => session.document.node(id) ?? [])
}

function NodeForm({ session, ids }: { session: EditorSession; ids: readonly string[] }) {
  const nodes = useNodes(session, ids)
  const [node] = nodes
  const form = useFieldWish(session)
  const target = useMemo<FormTarget>(() => ({ session, kind: 'nodes', ids }), [session, ids])
  const place = usePart(session.run, (state) => state.place)
  const list = usePart(session.problems.store, (state) => state.list)
  const sample = useSample(session, ids.length === 1 ? ids[0] : undefined)
  const facts: FormFacts = {
    session,
    place,
    sample,
    problems: useMemo(() => problemsOf(target, list), [target, list]),
    parameters: parameterNames(session)
  }
  if (node === undefined) return null
  const types = nodes.map((each) => session.catalogue.typeOf(each))
  const [type] = types
  const known = types.filter((each) => each !== undefined)
  const one = nodes.length === 1
  const above = problemsAt(facts, '').concat(problemsAt(facts, '/version'), problemsAt(facts, '/typeId'))
  return (
    <FormContext value={facts}>
      <div ref={form} className="grid content-start gap-4 p-4">
        {one ? <NodeHead session={session} node={node} type={type} /> : <SeveralHead nodes={nodes} session={session} />}
        {above.map(({ text, severity }) => (
          <p key={text} className={`text-data ${severity === 'error' ? 'text-error' : 'text-warn'}`}>
            <span aria-hidden="true">{severity === 'error' ? '✕' : '▲'}</span> {text}
          </p>
        ))}
        {one && <OwnNodePart session={session} node={node} />}
        {known.length === nodes.length ? (
          <SettingsForm target={target} specs={sharedSpecs(known.map((each) => each.settings))} />
        ) : (
          one && <RawSettings target={target} node={node} />
        )}
        <Bypass session={session} ids={ids} />
        {one && <ReaderFilesPart session={session} id={node.id} />}
        {one && <NodePorts session={session} node={node} />}
        {one && <NodeFigures session={session} id={node.id} />}
        {one && <NodeEquation session={session} id={node.id} />}
        <FoldedFields title="When things go wrong" target={target} specs={kNodeSpecs} />
        {one && <NodeActions session={session} id={node.id} />}
        {!one && (
          <div>
            <NodeOfThis session={session} />
          </div>
        )}
        {one && <BreakpointFields session={session} kind="nodes" id={node.id} />}
      </div>
    </FormContext>
  )
}

function SeveralHead({ nodes, session }: { nodes: readonly FlowNode[]; session: EditorSession }) {
  const names = nodes.map((node) => (node.name === '' ? node.id : node.name))
  const types = new Set(nodes.map((node) => session.catalogue.typeOf(node)?.name ?? node.typeId))
  return (
    <Part title={`${nodes.length} nodes`}>
      <p className="text-data text-mute">
        {names.slice(0, 6).join(', ')}
        {names.length > 6 ? ` and ${names.length - 6} more` : ''}
      </p>
      <p className="text-small text-faint">
        {types.size === 1 ? 'A change goes to all of them.' : 'What they share is here; a change goes to all of them.'}
      </p>
    </Part>
  )
}
