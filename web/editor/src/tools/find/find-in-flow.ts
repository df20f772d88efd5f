// Finding text in a flow: names, types, values of settings, notes, formulas of edges, parameters.
import { below, isList, isObject, parametersOf, writeJson } from '@weir/flow-model'
import type { Catalogue, ElementKind, FlowDocument, FlowNode, Json } from '@weir/flow-model'

export interface Found {
  kind: ElementKind | 'flow'
  /** Empty: of the flow itself. */
  id: string
  /** Below the element, as a form has it: `/settings/condition`. Empty: the element itself. */
  path: string
  /** Whose it is, for a person. */
  of: string
  /** What was found in: *Name*, *Type*, the label of a setting. */
  what: string
  text: string
  /** Where in `text` it begins, and how long it is. */
  at: number
  length: number
}

/** Without case and accents. Each character stays one, so that places hold. */
export function folded(text: string): string {
  return Array.from(text)
    .map((letter) => {
      const plain = letter.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
      return plain.length === letter.length ? plain : letter.toLowerCase().slice(0, letter.length).padEnd(letter.length)
    })
    .join('')
}

class Search {
  readonly found: Found[] = []
  /** By how much it is likely to be meant: a name first. */
  private readonly ranks = new Map<Found, number>()

  constructor(
    private readonly wanted: string,
    private readonly most: number
  ) {}

  /** Whether it is in there. */
  look(rank: number, part: Omit<Found, 'at' | 'length'>): boolean {
    if (this.found.length >= this.most * 4) return false
    const at = folded(part.text).indexOf(this.wanted)
    if (at < 0) return false
    const found = { ...part, at, length: this.wanted.length }
    this.found.push(found)
    this.ranks.set(found, rank + (at === 0 ? 0 : 0.5))
    return true
  }

  best(): Found[] {
    const rank = (found: Found): number => this.ranks.get(found) ?? 9
    return this.found.sort((a, b) => rank(a) - rank(b)).slice(0, this.most)
  }
}

/** The texts in a value of a setting, each with its path. */
function textsIn(value: Json, path: string, each: (text: string, path: string) => void, depth = 0): void {
  if (depth > 20) return
  if (typeof value === 'string') each(value, path)
  else if (typeof value === 'boolean' || value === null) return
  else if (isList(value))
    value.forEach((item, index) => {
      textsIn(item, `${path}/${index}`, each, depth + 1)
    })
  else if (isObject(value)) {
    for (const [key, item] of value) {
      each(key, below(path, key))
      textsIn(item, below(path, key), each, depth + 1)
    }
  } else each(writeJson(value), path)
}

function lookInNode(search: Search, catalogue: Catalogue, node: FlowNode): void {
  const type = catalogue.typeOf(node)
  const of = node.name === '' ? (type?.name ?? node.id) : node.name
  const here = { kind: 'nodes' as const, id: node.id, of }
  const named = search.look(0, { ...here, path: '/name', what: 'Name', text: of })
  // Ids and types often say the name once more.
  if (!named) search.look(2, { ...here, path: '', what: 'Id', text: node.id })
  const typed =
    type !== undefined && type.name !== of && search.look(1, { ...here, path: '', what: 'Type', text: type.name })
  if (!typed) search.look(2, { ...here, path: '', what: 'Type', text: node.typeId })
  search.look(3, { ...here, path: '/note', what: 'Note', text: node.note })
  for (const [name, value] of node.settings) {
    const spec = type?.settings.find((each) => each.name === name)
    const what = spec === undefined || spec.label === '' ? name : spec.label
    textsIn(value, below('/settings', name), (text, path) => {
      search.look(3, { ...here, path, what, text })
    })
  }
}

function lookInEdges(search: Search, document: FlowDocument, nameOf: (node: string) => string): void {
  for (const { id, source, target, filter, transform } of document.edges()) {
    if (filter === '' && transform === '') continue
    const of = `${nameOf(source.node)} → ${nameOf(target.node)}`
    search.look(3, { kind: 'edges', id, of, path: '/filter', what: 'Only rows where', text: filter })
    search.look(3, { kind: 'edges', id, of, path: '/transform', what: 'Each row becomes', text: transform })
  }
}

function lookAround(search: Search, document: FlowDocument): void {
  const texts = (kind: 'groups' | 'notes' | 'widgets'): readonly { id: string }[] => document.tables[kind].list()
  for (const { id } of texts('groups')) {
    const { name = '', note = '' } = document.group(id) ?? {}
    const here = { kind: 'groups' as const, id, of: name === '' ? 'Box' : name }
    search.look(0, { ...here, path: '/name', what: 'Name of a box', text: name })
    search.look(3, { ...here, path: '/note', what: 'Note', text: note })
  }
  for (const { id } of texts('notes'))
    search.look(2, { kind: 'notes', id, of: 'Note', path: '/text', what: 'Note', text: document.note(id)?.text ?? '' })
  for (const { id } of texts('widgets')) {
    const title = document.widget(id)?.title ?? ''
    search.look(1, { kind: 'widgets', id, of: title, path: '/title', what: 'Title', text: title })
  }
  for (const parameter of parametersOf(document.root)) {
    const here = { kind: 'flow' as const, id: '', of: parameter.name, path: `/parameters/=${parameter.name}` }
    search.look(1, { ...here, what: 'Parameter', text: parameter.name })
    search.look(3, { ...here, what: 'Parameter', text: parameter.label })
  }
}

/** What has the text in it, names first; upper and lower case and accents are one. At most `most`. */
export function findInFlow(document: FlowDocument, catalogue: Catalogue, text: string, most = 200): Found[] {
  const wanted = folded(text.trim())
  if (wanted === '') return []
  const search = new Search(wanted, most)
  const nameOf = (id: string): string => {
    const node = document.node(id)
    return node === undefined || node.name === '' ? id : node.name
  }
  for (const node of document.nodes()) lookInNode(search, catalogue, node)
  lookInEdges(search, document, nameOf)
  lookAround(search, document)
  return search.best()
}
