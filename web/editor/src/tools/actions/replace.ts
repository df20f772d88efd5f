// Another type for a node: its edges stay where the new one has a port for them, and settings of the same name too.
import { instancePorts, matchPorts, replaceType } from '@weir/flow-model'
import type { Json, NodeType } from '@weir/flow-model'
import { countOf, nameOf } from '../../canvas/actions.ts'
import type { EditorSession } from '../../session/editor-session.ts'

/** The ports of a node that edges are at. */
function usedPorts({ document }: EditorSession, id: string): { inputs: string[]; outputs: string[] } {
  return {
    inputs: [...new Set(document.edgesInto(id).map((edge) => edge.target.port))],
    outputs: [...new Set(document.edgesOutOf(id).map((edge) => edge.source.port))]
  }
}

/** Whether a type has a port on each side that the node has edges on. */
export function canTakeThePlaceOf(session: EditorSession, id: string, type: NodeType): boolean {
  const used = usedPorts(session, id)
  const outputs = instancePorts(type.outputs, new Map(), type.settings).filter((port) => port.name !== 'error')
  return (used.inputs.length === 0 || type.inputs.length > 0) && (used.outputs.length === 0 || outputs.length > 0)
}

/** One gesture; told with what could not stay. */
export function replaceNode(session: EditorSession, id: string, type: NodeType): void {
  const { document, catalogue } = session
  const node = document.node(id)
  if (node === undefined) return
  const name = nameOf(session, id)
  const names = new Set(type.settings.map((spec) => spec.name))
  const settings = new Map<string, Json>([...node.settings].filter(([key]) => names.has(key)))
  const before = catalogue.portsOf(document, node)
  const used = usedPorts(session, id)
  const ports = {
    inputs: matchPorts(before.inputs, instancePorts(type.inputs, settings, type.settings), used.inputs),
    outputs: matchPorts(before.outputs, instancePorts(type.outputs, settings, type.settings), used.outputs)
  }
  const edges = document.edgesAt(id).size
  const wanted = { typeId: type.id, version: type.version, settings }
  const { gesture } = session.do(replaceType(document, id, wanted, ports), `Replace ${name} with ${type.name}`)
  if (gesture === undefined) return
  const lost = edges - document.edgesAt(id).size
  const kept = lost === 0 ? 'all edges kept' : `${countOf(lost, 'edge')} had no port to go to`
  session.tell(`${name} is now ${type.name}: ${kept}.`, lost === 0 ? 'info' : 'warning')
}
