// KeptRows: what the page has written since the last cut, to be written again in another place.

export class KeptRows {
  private readonly byInlet = new Map<string, unknown[][]>()
  private bytes = 0
  /** More was written than is kept. */
  overflown = false

  constructor(private readonly mostBytes: number) {}

  /** What a row counts is its JSON. */
  add(inlet: string, rows: unknown[]): void {
    if (this.overflown) return
    this.bytes += JSON.stringify(rows).length
    if (this.bytes > this.mostBytes) {
      this.overflown = true
      this.byInlet.clear()
      return
    }
    const kept = this.byInlet.get(inlet) ?? []
    kept.push(rows)
    this.byInlet.set(inlet, kept)
  }

  /** Worth a cut, so that it does not overflow. */
  get isMuch(): boolean {
    return this.bytes > this.mostBytes / 2
  }

  /** Grows while it is read. */
  of(inlet: string): readonly unknown[][] {
    const kept = this.byInlet.get(inlet) ?? []
    this.byInlet.set(inlet, kept)
    return kept
  }

  clear(): void {
    this.byInlet.clear()
    this.bytes = 0
    this.overflown = false
  }
}
