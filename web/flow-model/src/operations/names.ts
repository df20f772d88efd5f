// Ids and names for what is new.
import type { FlowDocument } from '../document/flow-document.ts'
import type { ElementKind } from '../document/elements.ts'

/** `base`, or `base-2`, `base-3` … : the first that is not taken. */
export function freeName(base: string, taken: (name: string) => boolean): string {
  if (!taken(base)) return base
  const [, stem = base, digits] = /^(.*?)-(\d+)$/.exec(base) ?? []
  for (let number = digits === undefined ? 2 : Number(digits) + 1; ; ++number) {
    const name = `${stem}-${number}`
    if (!taken(name)) return name
  }
}

/** An id from a name or type, such as `csv-read`: short, without a slash or control characters. */
export function idFrom(text: string): string {
  const last = text.slice(text.lastIndexOf('/') + 1)
  const plain = last.replace(/[\u0000-\u001f\u007f]/g, '').trim()
  return plain.slice(0, 60) || 'node'
}

/**
 * Gives ids that no element of the document has, nor another that it gave. With an author, ids of new edges hold it, so
 * that two who draw at once do not take the same.
 */
export class FreshIds {
  private readonly given = new Set<string>()
  private edgeNumber = 1

  constructor(
    private readonly document: FlowDocument,
    private readonly author = ''
  ) {}

  id(kind: ElementKind, base: string): string {
    const id = freeName(base, (name) => this.document.tables[kind].has(name) || this.given.has(`${kind}/${name}`))
    this.given.add(`${kind}/${id}`)
    return id
  }

  /** `e7`, or `anna-e7`. */
  edge(): string {
    const prefix = this.author === '' ? 'e' : `${this.author}-e`
    this.edgeNumber = Math.max(this.edgeNumber, this.document.tables.edges.size + 1)
    for (;;) {
      const id = `${prefix}${this.edgeNumber++}`
      if (this.document.tables.edges.has(id) || this.given.has(`edges/${id}`)) continue
      this.given.add(`edges/${id}`)
      return id
    }
  }
}
