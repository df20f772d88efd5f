// What is said of a node that is a flow, in its panel: which flow, whether it is the newest, opening it, putting it in place.
import type { FlowNode } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Part } from '../panels/part.tsx'
import type { EditorSession } from '../session/editor-session.ts'
import { putNodeInPlace, takeNewestVersion } from './own-node-actions.ts'
import { flowOfType, ownNodesOf } from './own-nodes.ts'

/** Nothing for other nodes. */
export function OwnNodePart({ session, node }: { session: EditorSession; node: FlowNode }) {
  const flow = flowOfType(node.typeId)
  const own = ownNodesOf(session)
  if (flow === undefined) return null
  const newest = session.catalogue.newest(node.typeId)
  const isOld = newest !== undefined && newest.version !== node.version
  const mayEdit = (session.options.readOnly ?? '') === ''
  return (
    <Part title="A flow as a node">
      <p className="text-data text-mute">
        the flow <code className="text-text">{flow}</code>
        {node.version === '' ? '' : `, version ${node.version}`}
      </p>
      {newest === undefined && (
        <p className="text-data text-warn">
          <span aria-hidden="true">▲</span> It cannot be read here, or it has no ports.
        </p>
      )}
      {isOld && (
        <p className="text-data text-warn">
          <span aria-hidden="true">▲</span> The flow has version {newest.version} now: it does not run as{' '}
          {node.version === '' ? 'it is' : node.version}.
        </p>
      )}
      {own !== undefined && (
        <div className="flex flex-wrap gap-2">
          <Button
            onClick={() => {
              own.open(flow)
            }}
          >
            Open <kbd className="text-small text-faint">⏎</kbd>
          </Button>
          {isOld && mayEdit && (
            <Button onClick={() => void takeNewestVersion(session, node.id)}>Use {newest.version}</Button>
          )}
          {mayEdit && <Button onClick={() => void putNodeInPlace(session, node.id)}>Put in place</Button>}
        </div>
      )}
    </Part>
  )
}
