// What a person does with flows as nodes: making one of what is chosen, and putting one in place again.
import { openFlow, setValue } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import { versionOf } from './flow-type.ts'
import { flowOf, partsOf, replaceWithNode, whyNoNode } from './make-node.ts'
import type { MadePort, Parts } from './make-node.ts'
import { flowOfType, ownNodesOf } from './own-nodes.ts'
import { putInPlace } from './put-in-place.ts'

/** What a person gave to a node that is made. */
export interface NodeWish {
  id: string
  name: string
  about: string
  icon: string
  ports: readonly MadePort[]
}

/** Opens the dialog, or says why no node can be made of what is chosen. */
export function askForNode(session: EditorSession): void {
  if (ownNodesOf(session) === undefined) {
    session.tell('A flow that is kept nowhere cannot have nodes of its own.', 'warning')
    return
  }
  const why = whyNoNode(session, partsOf(session))
  if (why !== '') session.tell(why, 'warning')
  else session.view.setState({ nodeOfThis: true })
}

/** Keeps the parts as a flow and puts a node in their place. @throws FlowTaken, or what the home says */
export async function makeNode(session: EditorSession, parts: Parts, wish: NodeWish): Promise<void> {
  const own = ownNodesOf(session)
  const why = whyNoNode(session, parts)
  if (own === undefined || why !== '') throw new Error(why === '' ? 'This flow is kept nowhere.' : why)
  await own.create(flowOf(session, parts, wish))
  const { operations, node } = replaceWithNode(session, parts, wish)
  session.history.seal()
  const { gesture } = session.do(operations, `Make the node ${wish.name}`)
  if (gesture === undefined) return
  session.selection.set([{ kind: 'nodes', id: node }])
  session.tell(`${wish.name} is a node now, and a flow of its own: Enter opens it.`)
}

/** The nodes of a flow come where the node is that uses it. What is in the way is told. */
export async function putNodeInPlace(session: EditorSession, node: string): Promise<void> {
  const flow = flowOfType(session.document.node(node)?.typeId ?? '')
  const own = ownNodesOf(session)
  if (flow === undefined || own === undefined) return
  try {
    const placed = putInPlace(session, node, await own.read(flow))
    if (typeof placed === 'string') {
      session.tell(placed, 'warning')
      return
    }
    session.history.seal()
    const { gesture } = session.do(placed.operations, `Put ${flow} in place`)
    if (gesture === undefined) return
    session.selection.set([{ kind: 'groups', id: placed.box }])
    const lost = placed.lost === 0 ? '' : ` ${placed.lost} edges led to ports that it does not have, and are gone.`
    session.tell(`The nodes of ${flow} are here again, in a box; the flow itself stays.${lost}`)
  } catch (error) {
    session.tell(error instanceof Error ? error.message : String(error), 'error')
  }
}

/** The node names the version that the flow has now. */
export async function takeNewestVersion(session: EditorSession, node: string): Promise<void> {
  const flow = flowOfType(session.document.node(node)?.typeId ?? '')
  const own = ownNodesOf(session)
  if (flow === undefined || own === undefined) return
  try {
    const opened = openFlow(await own.read(flow))
    if (opened.state === 'broken') throw new Error(`The flow ${flow} cannot be read: open it and see its problems.`)
    session.do([setValue('nodes', node, '/version', versionOf(opened.document))], `Use the newest ${flow}`)
  } catch (error) {
    session.tell(error instanceof Error ? error.message : String(error), 'error')
  }
}
