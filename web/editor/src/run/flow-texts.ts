// The flows that a document uses as nodes, with those that they use: their texts, and what an engine says without them.
import { openFlow, portsOf } from '@weir/flow-model'
import type { FlowDocument, Problem } from '@weir/flow-model'
import { DocumentParts } from './document-parts.ts'

const kPrefix = 'subflow/'
/** Flows in one another are refused beyond this; so are flows in themselves, by the engine. */
const kMostFlows = 100

type ReadFlow = (flow: string) => Promise<string>

function usedIn(text: string): string[] {
  const nodes = DocumentParts.of(text)?.nodes ?? []
  return nodes.flatMap(({ typeId }) => (typeId.startsWith(kPrefix) ? [typeId.slice(kPrefix.length)] : []))
}

/** By id; those that cannot be read are left out, and the engine says that they are not there. */
export async function flowTexts(documentText: string, read: ReadFlow): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  const wanted = new Set(usedIn(documentText))
  for (const flow of wanted) {
    if (wanted.size > kMostFlows) break
    const text = await read(flow).catch(() => undefined)
    if (text === undefined) continue
    found[flow] = text
    for (const inner of usedIn(text)) wanted.add(inner)
  }
  return found
}

/** Problems of an engine that was given no flows, without those that are about flows which can be read. */
export async function withoutKnownFlows(
  problems: readonly Problem[],
  text: string,
  read: ReadFlow | undefined
): Promise<readonly Problem[]> {
  if (read === undefined || !problems.some(({ code }) => code === 'flow.unknown_subflow')) return problems
  const known = await flowTexts(text, read)
  const nodes = DocumentParts.of(text)?.nodes ?? []
  return problems.filter(({ code, pointer }) => {
    if (code !== 'flow.unknown_subflow') return true
    const [, index = ''] = /^\/nodes\/(\d+)/.exec(pointer) ?? []
    const typeId = nodes[Number(index)]?.typeId ?? ''
    return !(typeId.slice(kPrefix.length) in known)
  })
}

/** The outputs of nodes that are flows. */
export class FlowOutputs {
  private readonly opened = new Map<string, FlowDocument | undefined>()

  /** `texts`: by the id of the flow. */
  constructor(private readonly texts: Readonly<Record<string, string>>) {}

  /** Undefined: the node is no flow whose text is known. */
  of({ typeId }: { typeId: string }): readonly { name: string }[] | undefined {
    const flow = this.flowOf(typeId)
    return flow === undefined ? undefined : portsOf(flow.root).outputs
  }

  private flowOf(typeId: string): FlowDocument | undefined {
    if (!typeId.startsWith(kPrefix)) return undefined
    const id = typeId.slice(kPrefix.length)
    if (!this.opened.has(id)) {
      const found = openFlow(this.texts[id] ?? '')
      this.opened.set(id, found.state === 'broken' ? undefined : found.document)
    }
    return this.opened.get(id)
  }
}
