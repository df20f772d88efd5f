// Texts that fit: how wide they are and where they are cut, known once they were measured.

const kMostKnown = 20_000

/** Measures with one context, whose font it sets. */
export class TextFitter {
  private readonly known = new Map<string, string>()
  private readonly widths = new Map<string, number>()

  constructor(private readonly context: CanvasRenderingContext2D) {}

  /** The text as far as it goes into `room`, with an ellipsis if that is not all. Sets the context's font. */
  fit(text: string, font: string, room: number): string {
    const width = Math.floor(room)
    const key = `${font}\u0000${width}\u0000${text}`
    const known = this.known.get(key)
    if (known !== undefined) return known
    const fitted = this.cut(text, font, width)
    if (this.known.size >= kMostKnown) this.known.clear()
    this.known.set(key, fitted)
    return fitted
  }

  width(text: string, font: string): number {
    const key = `${font}\u0000${text}`
    const known = this.widths.get(key)
    if (known !== undefined) return known
    this.context.font = font
    const { width } = this.context.measureText(text)
    if (this.widths.size >= kMostKnown) this.widths.clear()
    this.widths.set(key, width)
    return width
  }

  /** Forgets everything: a font has come. */
  clear(): void {
    this.known.clear()
    this.widths.clear()
  }

  private cut(text: string, font: string, room: number): string {
    this.context.font = font
    const measure = (part: string): number => this.context.measureText(part).width
    // Long texts are never read to their end.
    const letters = Array.from(text.slice(0, 400))
    if (letters.length < 400 && measure(text) <= room) return text
    let [low, high] = [0, letters.length]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (measure(`${letters.slice(0, middle).join('')}…`) <= room) low = middle
      else high = middle - 1
    }
    return low === 0 ? '' : `${letters.slice(0, low).join('').trimEnd()}…`
  }
}
