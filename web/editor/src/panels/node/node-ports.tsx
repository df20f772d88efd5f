// The ports of a node with the columns that really come and go, and where they lead.
import type { FlowEdge, FlowNode, PortSpec } from '@weir/flow-model'
import { rate } from '@weir/ui/figures/figures.ts'
import { useState } from 'react'
import { kTypeColours } from '../../formula/formula-result.tsx'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'
import { useEdgeRows } from '../data/use-edge-rows.ts'
import { Part } from '../part.tsx'

function nameOf(session: EditorSession, id: string): string {
  const node = session.document.node(id)
  if (node === undefined) return id
  return node.name === '' ? (session.catalogue.typeOf(node)?.name ?? id) : node.name
}

export function NodePorts({ session, node }: { session: EditorSession; node: FlowNode }) {
  const { document, catalogue } = session
  const ports = catalogue.portsOf(document, node)
  if (ports.inputs.length + ports.outputs.length === 0) return null
  const into = document.edgesInto(node.id)
  const out = document.edgesOutOf(node.id)
  return (
    <Part title="Ports">
      <ul className="grid gap-1 text-data">
        {ports.inputs.map((port) => (
          <Port
            key={`in ${port.name}`}
            session={session}
            port={port}
            side="in"
            edges={into.filter((edge) => edge.target.port === port.name)}
          />
        ))}
        {ports.outputs
          .filter((port) => port.name !== 'error' || out.some((edge) => edge.source.port === 'error'))
          .map((port) => (
            <Port
              key={`out ${port.name}`}
              session={session}
              port={port}
              side="out"
              node={node.id}
              edges={out.filter((edge) => edge.source.port === port.name)}
            />
          ))}
      </ul>
    </Part>
  )
}

interface PortProps {
  session: EditorSession
  port: PortSpec
  side: 'in' | 'out'
  edges: readonly FlowEdge[]
  /** Of an output. */
  node?: string
}

function Port({ session, port, side, edges, node }: PortProps) {
  const [open, setOpen] = useState(false)
  const [first] = edges
  const others = edges.map((edge) => nameOf(session, side === 'in' ? edge.source.node : edge.target.node))
  const where =
    others.length === 0
      ? port.required
        ? 'not connected, and needs to be'
        : 'not connected'
      : `${side === 'in' ? 'from' : 'to'} ${others.join(', ')}`
  const source = side === 'out' && node !== undefined ? { node, port: port.name } : first?.source
  return (
    <li>
      <details
        onToggle={(event) => {
          setOpen(event.currentTarget.open)
        }}
      >
        <summary className="text-mute hover:text-text">
          <code className="text-text">{port.name}</code> {side} · {port.type} · {where}
        </summary>
        {port.help !== '' && <p className="pl-3 text-small text-faint">{port.help}</p>}
        {open && source !== undefined && (
          <Columns session={session} source={source} edge={first?.id} declared={port.fields} />
        )}
      </details>
    </li>
  )
}

interface ColumnsProps {
  session: EditorSession
  source: { node: string; port: string }
  edge: string | undefined
  declared: ReadonlyMap<string, string>
}

function Columns({ session, source, edge, declared }: ColumnsProps) {
  const { table, why, problem } = useEdgeRows(session, { ...source, edge, where: '', most: 50, everyMs: 2000 })
  const shown = usePart(session.run, (state) => state.shown)
  const columns = table.columns.length > 0 ? table.columns : [...declared].map(([name, type]) => ({ name, type }))
  const speed = edge === undefined || shown === undefined ? 0 : shown.figures.edge(edge, 'rate')
  return (
    <div className="grid gap-1 py-1 pl-3">
      {speed > 0 && <p className="text-small text-mute">{rate(speed)}</p>}
      {columns.length === 0 ? (
        <p className="text-small text-faint">{problem === '' ? why : problem}</p>
      ) : (
        <ul className="flex flex-wrap gap-x-3 gap-y-0.5 font-mono text-small">
          {columns.map(({ name, type }) => (
            <li key={name}>
              {name} <span className={kTypeColours[type] ?? 'text-any'}>{type}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
