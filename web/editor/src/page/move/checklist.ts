// Moving a flow to another home: what has to be so before anything moves, each line green or with its fix.
import { pointerOf, setValue, textMember, toPlain } from '@weir/flow-model'
import type { FlowDocument, Operation } from '@weir/flow-model'
import { flowOfType, usedFlows } from '../../boxes/own-nodes.ts'
import type { FlowHome } from '../home/flow-home.ts'
import type { PutFile } from './upload.ts'

export interface CheckLine {
  name: 'nodes' | 'versions' | 'flows' | 'folders' | 'secrets' | 'version' | 'schedule' | 'id'
  /** For a person, as it stands. */
  words: string
  ok: boolean
  /** What to do; empty if it is well. */
  fix: string
}

/** What a folder of the other home has, as far as it is asked. */
export interface Offer {
  /** Ids of node types. */
  nodes: ReadonlySet<string>
  /** `id@version` of node types: a flow names versions, and has exactly these. Undefined: not asked. */
  versions?: ReadonlySet<string>
  /** Names of mounts that flows of the folder may use; undefined: there are none of that kind, as in a browser. */
  mounts: ReadonlySet<string> | undefined
  secrets: ReadonlySet<string>
  flows: ReadonlySet<string>
  /** Whether it starts runs by itself. */
  schedules: boolean
}

/** A way to the other home. */
export interface Move {
  /** *Move to server*, *Copy to this browser* */
  words: string
  to: FlowHome
  /** Folders of the other home that the person may put flows into, by path; absent: it has none. */
  folders?: () => Promise<readonly string[]>
  /** How many schedules start the flow here. */
  planned?: (flow: string) => Promise<number>
  ask: (folder: string) => Promise<Offer>
  /** Takes the files of this browser into the own files of a folder there; absent: it takes none. */
  upload?: {
    /** Why the person may not, and whom to ask; empty if they may. */
    refusal: (folder: string) => string
    to: (folder: string) => PutFile
  }
  /** Opens the flow there. */
  arrived: (flow: string) => void
}

/** What the person has said about a move. */
export interface Choices {
  /** The mount that paths of another one are to begin with from then on. */
  mounts: ReadonlyMap<string, string>
  /** Schedules that start the flow where it is. */
  planned: number
}

const kNoChoices: Choices = { mounts: new Map(), planned: 0 }

interface SettingText {
  node: string
  /** Of the setting, or of the key within it. */
  name: string
  /** Of the text within its node. */
  pointer: string
  text: string
}

/** All texts in the settings of a document's nodes. */
function settingTexts(document: FlowDocument): SettingText[] {
  const found: SettingText[] = []
  const visit = (node: string, name: string, path: readonly string[], value: unknown): void => {
    if (typeof value === 'string') found.push({ node, name, pointer: pointerOf(path), text: value })
    else if (Array.isArray(value))
      for (const [at, one] of value.entries()) visit(node, name, [...path, String(at)], one)
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) visit(node, name === '' ? key : name, [...path, key], one)
  }
  for (const node of document.nodes()) visit(node.id, '', ['settings'], toPlain(node.settings))
  return found
}

const kPathNames = new Set(['path', 'morePaths', 'folder', 'file'])
const kMount = /^([^:/]{2,}):/

/** What a path begins with: its mount, `project` without one; a whole path is of none and stands for itself. */
function mountOf(text: string): string {
  return text.startsWith('/') ? text : (kMount.exec(text)?.[1] ?? 'project')
}

function pathTexts(document: FlowDocument): SettingText[] {
  return settingTexts(document).filter(({ name, text }) => kPathNames.has(name) && text !== '')
}

/** The mounts that paths of a document begin with: `orders:2026/*.csv` is of `orders`, others of `project`; whole paths are of none. */
export function mountsOf(document: FlowDocument): string[] {
  return [...new Set(pathTexts(document).map(({ text }) => mountOf(text)))].sort()
}

/** What has paths of these mounts begin with others, or with `project/FOLDER`: a folder among the own files; whole paths keep their last part behind the mount. */
export function remount(document: FlowDocument, mounts: ReadonlyMap<string, string>): Operation[] {
  return pathTexts(document).flatMap(({ node, pointer, text }) => {
    const from = mountOf(text)
    const to = mounts.get(from)
    if (to === undefined || to === from) return []
    const rest = text.startsWith('/') ? text.slice(text.lastIndexOf('/') + 1) : text.replace(kMount, '')
    return [setValue('nodes', node, pointer, pathIn(to, rest))]
  })
}

/** `project/orders` is a folder among the own files. */
function pathIn(to: string, rest: string): string {
  if (to === 'project') return rest
  return to.startsWith('project/') ? `${to.slice('project/'.length)}/${rest.replace(/^\/+/, '')}` : `${to}:${rest}`
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

/** The mounts of a document that the other home does not have, as they are after what was chosen. */
export function missingMounts(document: FlowDocument, offer: Offer): string[] {
  const { mounts } = offer
  return mounts === undefined ? [] : mountsOf(document).filter((name) => name !== 'project' && !mounts.has(name))
}

function nodeLines(document: FlowDocument, offer: Offer): CheckLine[] {
  const used = [...new Set(document.nodes().map((node) => node.typeId))]
  const own = usedFlows(used)
  const types = used.filter((type) => flowOfType(type) === undefined)
  const lines = [
    line(
      'nodes',
      types.filter((type) => !offer.nodes.has(type)),
      `all ${types.length} node types are there`,
      'nodes that are not there',
      'Replace them, or bypass them.'
    )
  ]
  if (own.length > 0) {
    lines.push(
      line(
        'flows',
        own,
        '',
        'flows as nodes, which stay where they are',
        'Put each in place first, in the panel of its node.'
      )
    )
  }
  const { versions } = offer
  if (versions === undefined) return lines
  const named = document.nodes().filter((node) => offer.nodes.has(node.typeId))
  const exact = [...new Set(named.map((node) => `${node.typeId}@${node.version}`))]
  lines.push(
    line(
      'versions',
      exact.filter((one) => !versions.has(one)),
      'each node is there in the version that the flow names',
      'versions of nodes that are not there',
      'Open the flow here and take the version of these nodes that both have.'
    )
  )
  return lines
}

/** All lines; nothing moves before all are well. */
export function checklistOf(document: FlowDocument, offer: Offer, choices = kNoChoices): CheckLine[] {
  const lines = nodeLines(document, offer)
  const { mounts } = offer
  if (mounts !== undefined) {
    lines.push(
      line(
        'folders',
        missingMounts(document, offer).filter((name) => !choices.mounts.has(name)),
        mountsOf(document).includes('project')
          ? 'all folders are there; what is named without one lies in the own files of the folder there'
          : 'all folders are there',
        'folders that are not there',
        mounts.size > 0
          ? 'Say below where these files lie there, or have an administrator make mounts of these names.'
          : 'Upload their files below, or have an administrator make mounts of these names.'
      )
    )
  }
  const version = textMember(document.root, 'version')
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
      'Say below whether it takes its place, or another name.'
    ),
    line('version', version === '' ? ['none'] : [], `version ${version}`, 'version', 'Give the flow a version.'),
    scheduleLine(offer, choices.planned)
  )
  return lines
}

/** Schedules never move: one that starts the flow here goes on doing so. */
function scheduleLine({ schedules }: Offer, planned: number): CheckLine {
  const stays = planned === 1 ? 'its schedule stays here' : `its ${planned} schedules stay here`
  const there = schedules ? 'it is started by hand until a schedule is made there' : 'it is started by hand there'
  return { name: 'schedule', words: planned === 0 ? there : `${stays}; ${there}`, ok: true, fix: '' }
}
