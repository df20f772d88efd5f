// Connects by key: once at the node that gives, then, after walking there, at the one that takes.
import type { EditorSession } from '../../session/editor-session.ts'
import type { PortRef } from '../../session/view-state.ts'
import { connectPorts, nameOf } from '../actions.ts'
import { canvasOf } from '../canvas-of.ts'
import type { CanvasView } from '../canvas-view.ts'
import { fitting } from './connect.ts'

/** Begins an edge at the node in focus, or ends the one that was begun there. */
export function connectByKey(session: EditorSession): void {
  const view = canvasOf(session)
  const { focus } = session.selection
  if (view === undefined || focus?.kind !== 'nodes') return
  const from = view.wireFrom
  if (from === undefined) begin(view, focus.id)
  else if (endConnecting(view) && from !== focus.id) end(session, from, focus.id)
}

/** Gives up an edge that was begun; whether there was one. */
export function endConnecting(view: CanvasView): boolean {
  if (view.wireFrom === undefined) return false
  view.wireFrom = undefined
  view.endEmphasis()
  return true
}

function begin(view: CanvasView, node: string): void {
  const { session } = view
  const outputs = portsOf(session, node, 'outputs')
  const [first] = outputs
  if (first === undefined) {
    session.tell(`${nameOf(session, node)} has no output.`, 'warning')
    return
  }
  const tests = outputs.map((port) => fitting(view, port))
  view.wireFrom = node
  view.emphasize({ fits: (port) => tests.some((fits) => fits(port)) })
  session.tell(`Connecting from ${nameOf(session, node)}: go to another node and press C. Escape gives up.`)
}

function end(session: EditorSession, from: string, to: string): void {
  const view = canvasOf(session)
  const outputs = portsOf(session, from, 'outputs')
  const inputs = portsOf(session, to, 'inputs')
  for (const output of outputs) {
    const fits = view === undefined ? undefined : fitting(view, output)
    const input = inputs.find((port) => fits?.(port) === true)
    if (input === undefined) continue
    connectPorts(session, output, input)
    return
  }
  const [output] = outputs
  const [input] = inputs
  const refusal = output === undefined || input === undefined ? undefined : connectPorts(session, output, input)
  session.tell(refusal?.reason ?? `${nameOf(session, to)} has no input.`, 'warning')
}

/** Those that lead nowhere yet come first, the one for what failed last. */
function portsOf(session: EditorSession, node: string, side: PortRef['side']): PortRef[] {
  const { document, catalogue } = session
  const value = document.node(node)
  if (value === undefined) return []
  const used = new Set(document.edgesOutOf(node).map((edge) => edge.source.port))
  const rank = (port: string): number => (port === 'error' ? 2 : side === 'outputs' && used.has(port) ? 1 : 0)
  return catalogue
    .portsOf(document, value)
    [side].map(({ name }) => ({ node, side, port: name }))
    .sort((a, b) => rank(a.port) - rank(b.port))
}
