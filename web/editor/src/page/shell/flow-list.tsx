// The flow as a list, in the order in which rows pass: where there is no canvas.
import { flowOrder } from '@weir/flow-model'
import { useEffect, useReducer } from 'react'
import { Empty } from '@weir/ui/states.tsx'
import { useRevision, useSession } from '../../session/use-session.ts'

/** Each node with what it is and where its rows go; a press chooses it. */
export function FlowList() {
  const { document, catalogue, selection } = useSession()
  useRevision()
  const [, again] = useReducer((count: number) => count + 1, 0)
  useEffect(() => selection.subscribe(again), [selection])
  const order = flowOrder(document)
  if (order.length === 0) return <Empty title="Nothing is in this flow yet">Drop a folder or a file here.</Empty>
  return (
    <ol className="h-full divide-y divide-line overflow-auto" aria-label="Nodes of the flow">
      {order.map((id) => {
        const node = document.node(id)
        if (node === undefined) return null
        const type = catalogue.find(node.typeId, node.version) ?? catalogue.newest(node.typeId)
        const after = document
          .edgesOutOf(id)
          .map((edge) => nameOf(document.node(edge.target.node)?.name, edge.target.node))
        return (
          <li key={id}>
            <button
              type="button"
              aria-pressed={selection.has('nodes', id)}
              className="grid w-full gap-0.5 px-4 py-2 text-left hover:bg-raised aria-pressed:bg-water-dim"
              onClick={() => {
                selection.set([{ kind: 'nodes', id }])
              }}
            >
              <span className="font-semibold">{nameOf(node.name, id)}</span>
              <span className="text-data text-mute">
                {type?.name ?? node.typeId}
                {after.length > 0 && ` → ${after.join(', ')}`}
              </span>
            </button>
          </li>
        )
      })}
    </ol>
  )
}

function nameOf(name: string | undefined, id: string): string {
  return name === undefined || name === '' ? id : name
}
