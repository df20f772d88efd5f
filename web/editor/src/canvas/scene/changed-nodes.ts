// Which nodes are another than in the version that the shown run runs: they are hatched, and show no figures.
import { equalJson, openFlow } from '@weir/flow-model'
import type { Changes, FlowDocument } from '@weir/flow-model'

/** Compares with one text of the document; nodes that are not in it are changed, too. */
export class ChangedNodes {
  private readonly changed = new Set<string>()
  private readonly shown: FlowDocument | undefined

  constructor(
    private readonly document: FlowDocument,
    text: string
  ) {
    const opened = text === document.text() ? undefined : openFlow(text)
    this.shown = opened === undefined ? undefined : opened.state === 'broken' ? undefined : opened.document
    this.first = opened === undefined ? document.text() : undefined
    if (this.shown !== undefined) for (const { id } of document.tables.nodes.list()) this.look(id)
  }

  /** The text is the document's own: it is opened when that changes. */
  private first: string | undefined
  private late: FlowDocument | undefined

  has(id: string): boolean {
    return this.changed.has(id)
  }

  /** Looks at what a change touched. */
  follow({ kinds }: Changes): void {
    if (this.first !== undefined) {
      const opened = openFlow(this.first)
      this.first = undefined
      if (opened.state !== 'broken') this.late = opened.document
    }
    for (const ids of [kinds.nodes.added, kinds.nodes.changed]) for (const id of ids) this.look(id)
    for (const id of kinds.nodes.removed) this.changed.delete(id)
  }

  private look(id: string): void {
    const shown = this.shown ?? this.late
    if (shown === undefined) return
    const same = equalJson(this.document.tables.nodes.get(id), shown.tables.nodes.get(id))
    if (same) this.changed.delete(id)
    else this.changed.add(id)
  }
}
