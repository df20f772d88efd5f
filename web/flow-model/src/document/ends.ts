// The ends of an edge that is still a JSON value.
import { textMember } from '../json/value.ts'
import type { JsonObject } from '../json/value.ts'
import type { FlowEnd } from './elements.ts'

/** The node and port at one end; empty texts if they are not there. */
export function endOf(edge: JsonObject, side: 'source' | 'target'): FlowEnd {
  const end = edge.get(side)
  return { node: textMember(end, 'node'), port: textMember(end, 'port') }
}
