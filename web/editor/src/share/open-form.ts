// Opens a flow for its form: nothing of it can be changed, and it runs where it is kept.
import { Catalogue, openFlow, parametersOf, textMember } from '@weir/flow-model'
import type { FlowParameter } from '@weir/flow-model'
import type { NodeType } from '@weir/engine-client'
import type { FlowHome, KeptFlow } from '../page/home/flow-home.ts'
import type { RunPlace } from '../run/shown-run.ts'
import { EditorSession } from '../session/editor-session.ts'

export interface FormOptions {
  flow: string
  home: FlowHome
  places: () => Promise<readonly RunPlace[]>
  /** The node types of the home, beside those of the places. */
  nodes?: (() => Promise<readonly NodeType[]>) | undefined
}

export interface OpenForm {
  session: EditorSession
  name: string
  description: string
  parameters: readonly FlowParameter[]
  /** Why this person cannot run it, as a sentence; empty if they can. */
  refused: string
  /** The run of what is published, where something is; else of the draft. */
  published: boolean
}

/** What is published counts, not what somebody works on. */
async function textOf(home: FlowHome, kept: KeptFlow): Promise<string> {
  return home.kind === 'server' && kept.publishedVersion > 0 ? home.version(kept.id, kept.publishedVersion) : kept.text
}

function whyNot(home: FlowHome, kept: KeptFlow, place: RunPlace | undefined): string {
  if (!home.rights(kept.folder).run) {
    const where = kept.folder === '' ? '' : ` in the folder ${kept.folder}`
    return `You may see this flow, but not run it: ask who looks after ${home.name} for the right to run flows${where}.`
  }
  return place === undefined ? 'Flows do not run in this browser: open the form on a server.' : ''
}

/** The caller disposes of its session. @throws what the home does, and if the document cannot be read */
export async function openForm({ flow, home, places, nodes }: FormOptions): Promise<OpenForm> {
  const kept = await home.read(flow)
  const [text, all] = await Promise.all([textOf(home, kept), places()])
  const opened = openFlow(text)
  if (opened.state === 'broken') throw new Error('This flow cannot be read: open it in the editor.')
  const place = all.find((one) => one.id === home.kind)
  const answers = await Promise.allSettled([nodes?.() ?? [], place?.nodes() ?? []])
  const types = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  const known = new Map(types.map((type) => [`${type.id} ${type.version}`, type]))
  const catalogue = Catalogue.of([...known.values()])
  const session = new EditorSession(opened.document, catalogue, { author: 'form', readOnly: 'A form changes nothing.' })
  session.run.setState({ places: all, place })
  if (place !== undefined) place.readFlow = async (id) => (await home.read(id)).text
  const { root } = opened.document
  return {
    session,
    name: kept.name === '' ? kept.id : kept.name,
    description: textMember(root.get('metadata'), 'description'),
    parameters: parametersOf(root),
    refused: whyNot(home, kept, place),
    published: home.kind === 'server' && kept.publishedVersion > 0
  }
}
