// Moving a flow to another home: what has to be so before anything moves, each line green or with its fix.
import { textMember, toPlain } from '@weir/flow-model'
import type { FlowDocument } from '@weir/flow-model'
import type { FlowHome } from '../home/flow-home.ts'

export interface CheckLine {
  name: 'nodes' | 'folders' | 'secrets' | 'version' | 'schedule' | 'id'
  /** For a person, as it stands. */
  words: string
  ok: boolean
  /** What to do; empty if it is well. */
  fix: string
}

/** What the other home has, as far as it is asked. */
export interface Offer {
  /** Ids of node types. */
  nodes: ReadonlySet<string>
  /** Names of mounts that the person may use; undefined: there are none of that kind, as in a browser. */
  mounts: ReadonlySet<string> | undefined
  secrets: ReadonlySet<string>
  flows: ReadonlySet<string>
  /** Whether it starts runs by itself. */
  schedules: boolean
}

/** A way to the other home. */
export interface Move {
  /** *Move to server*, *Move to this browser* */
  words: string
  to: FlowHome
  ask: () => Promise<Offer>
  /** Opens the flow there. */
  arrived: (flow: string) => void
}

/** All texts in the settings of a document's nodes. */
function settingTexts(document: FlowDocument): { node: string; name: string; text: string }[] {
  const found: { node: string; name: string; text: string }[] = []
  const visit = (node: string, name: string, value: unknown): void => {
    if (typeof value === 'string') found.push({ node, name, text: value })
    else if (Array.isArray(value)) for (const one of value) visit(node, name, one)
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) visit(node, name === '' ? key : name, one)
  }
  for (const node of document.nodes()) {
    const settings = toPlain(node.settings) as Record<string, unknown>
    for (const [name, value] of Object.entries(settings)) visit(node.id, name, value)
  }
  return found
}

const kPathNames = new Set(['path', 'morePaths', 'folder', 'file'])

/** The mounts that paths of a document begin with: `orders:2026/*.csv` is of `orders`, others of `project`; whole paths are of none. */
export function mountsOf(document: FlowDocument): string[] {
  const names = settingTexts(document)
    .filter(({ name, text }) => kPathNames.has(name) && text !== '')
    .map(({ text }) => (text.startsWith('/') ? text : (/^([\w.-]+):/.exec(text)?.[1] ?? 'project')))
  return [...new Set(names)].sort()
}

/** The secrets that a document names: `${secret:NAME}`. */
export function secretsOf(document: FlowDocument): string[] {
  const names = settingTexts(document).flatMap(({ text }) =>
    [...text.matchAll(/\$\{secret:([\w.-]+)\}/g)].map(([, name = '']) => name)
  )
  return [...new Set(names)].sort()
}

function line(name: CheckLine['name'], missing: readonly string[], well: string, lack: string, fix: string): CheckLine {
  const ok = missing.length === 0
  return { name, words: ok ? well : `${lack}: ${missing.join(', ')}`, ok, fix: ok ? '' : fix }
}

/** All lines; nothing moves before all are well. */
export function checklistOf(document: FlowDocument, offer: Offer): CheckLine[] {
  const types = [...new Set(document.nodes().map((node) => node.typeId))]
  const lines = [
    line(
      'nodes',
      types.filter((type) => !offer.nodes.has(type)),
      `all ${types.length} node types are there`,
      'nodes that are not there',
      'Replace them, or bypass them.'
    )
  ]
  const { mounts } = offer
  if (mounts !== undefined) {
    lines.push(
      line(
        'folders',
        mountsOf(document).filter((name) => !mounts.has(name)),
        'all folders are there',
        'folders that are not there',
        'Have an administrator make mounts of these names, or change the paths to mounts that are there.'
      )
    )
  }
  lines.push(
    line(
      'secrets',
      secretsOf(document).filter((name) => !offer.secrets.has(name)),
      'all secrets are there',
      'secrets that are not there',
      'Set them where the flow goes to; secrets are never moved.'
    ),
    line(
      'id',
      [document.id].filter((id) => offer.flows.has(id)),
      `the name ${document.id} is free`,
      'a flow of that name is there',
      'It is moved under another name, which you can choose.'
    )
  )
  const version = textMember(document.root, 'version')
  lines.push(
    line('version', version === '' ? ['none'] : [], `version ${version}`, 'version', 'Give the flow a version.')
  )
  return lines
}
