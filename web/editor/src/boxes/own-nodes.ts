// OwnNodes: flows that are used as nodes of the flow that is open: known to its catalogue, opened, made and put in place.
import { openFlow } from '@weir/flow-model'
import type { NodeType } from '@weir/flow-model'
import type { FlowHome } from '../page/home/flow-home.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { flowOfType, typeOfFlow } from './flow-type.ts'

export { flowOfType } from './flow-type.ts'

export interface OwnNodesOptions {
  home: Pick<FlowHome, 'kind' | 'list' | 'read' | 'create'>
  /** Where new flows are kept, and whether one may. */
  folder: () => string
  /** Shows another flow in the place of this one. */
  open: (flow: string) => void
}

/** Flows that are read for the palette at most. */
const kMostRead = 200
const kAtOnce = 4

/** The flows that were left for one that they use, the outermost first; the last entry is the one that is shown. */
let trail: readonly string[] = []

export class OwnNodes {
  /** The texts that were read, by flow. */
  private readonly texts = new Map<string, string>()
  private all: Promise<void> | undefined

  constructor(
    private readonly session: EditorSession,
    readonly options: OwnNodesOptions
  ) {
    if (trail.at(-1) !== session.document.id) trail = []
    session.onClose(
      session.view.subscribe(({ palette }, before) => {
        if (palette !== undefined && before.palette === undefined) void this.learnAll()
      })
    )
  }

  /** The flows above this one, the outermost first. */
  get above(): readonly string[] {
    return trail.slice(0, -1)
  }

  open(flow: string): void {
    const { id } = this.session.document
    trail = [...(trail.length === 0 ? [id] : trail), flow]
    this.options.open(flow)
  }

  /** Back to a flow above this one; the next one unless said. False: there is none. */
  up(to?: string): boolean {
    const at = to === undefined ? trail.length - 2 : trail.lastIndexOf(to)
    const flow = trail[at]
    if (at < 0 || flow === undefined || at === trail.length - 1) return false
    trail = at === 0 ? [] : trail.slice(0, at + 1)
    this.options.open(flow)
    return true
  }

  /** The text of a flow as its home has it now. Errors are the home's. */
  async read(flow: string): Promise<string> {
    const { text } = await this.options.home.read(flow)
    this.texts.set(flow, text)
    return text
  }

  /** Keeps a new flow, and knows it as a node. Errors are the home's: `FlowTaken` where there is one of that id. */
  async create(text: string): Promise<NodeType | undefined> {
    const { id } = await this.options.home.create(text, this.options.folder())
    this.texts.set(id, text)
    const type = typeFrom(this.session, text)
    if (type !== undefined) this.session.catalogue.learn([type])
    return type
  }

  /** Knows the flows that this one uses, and those that they use. What cannot be read stays unknown. */
  async learnUsed(): Promise<void> {
    const wanted = usedFlows(this.session.document.nodes().map((node) => node.typeId))
    await this.learn(wanted)
  }

  /** Knows all flows that have ports; once, when the palette is first opened. */
  learnAll(): Promise<void> {
    this.all ??= this.options.home
      .list()
      .then((heads) => {
        const others = heads.map(({ id }) => id).filter((id) => id !== this.session.document.id && !this.texts.has(id))
        return this.learn(others.slice(0, kMostRead))
      })
      .catch(() => {
        // Asked again when the palette is opened the next time.
        this.all = undefined
      })
    return this.all
  }

  private async learn(flows: readonly string[]): Promise<void> {
    const types: NodeType[] = []
    const waiting = [...flows]
    const work = async (): Promise<void> => {
      for (let flow = waiting.shift(); flow !== undefined; flow = waiting.shift()) {
        const text = await this.read(flow).catch(() => undefined)
        const type = text === undefined ? undefined : typeFrom(this.session, text)
        if (type !== undefined) types.push(type)
      }
    }
    await Promise.all(Array.from({ length: kAtOnce }, work))
    this.session.catalogue.learn(types)
  }
}

/** A flow with ports as a node type; undefined: it has none, or is no flow. */
function typeFrom({ catalogue }: EditorSession, text: string): NodeType | undefined {
  const opened = openFlow(text)
  return opened.state === 'broken' ? undefined : typeOfFlow(opened.document, catalogue)
}

/** The flows among types of nodes, each once. */
export function usedFlows(typeIds: readonly string[]): string[] {
  return [...new Set(typeIds.flatMap((typeId) => flowOfType(typeId) ?? []))]
}

const kOfSessions = new WeakMap<EditorSession, OwnNodes>()

/** Has a session use flows of a home as nodes. Ends with the session. */
export function enterOwnNodes(session: EditorSession, options: OwnNodesOptions): OwnNodes {
  const made = new OwnNodes(session, options)
  kOfSessions.set(session, made)
  return made
}

/** Undefined where flows have no home. */
export function ownNodesOf(session: EditorSession): OwnNodes | undefined {
  return kOfSessions.get(session)
}
