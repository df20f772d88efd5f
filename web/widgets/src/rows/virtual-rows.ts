// VirtualRows: of many rows only those in sight are in the page; they are filled anew as one scrolls.

export interface RowMaker<Row extends HTMLElement> {
  make(): Row
  fill(row: Row, number: number): void
}

/** Rows made beyond what is in sight, above and below. */
const MARGIN = 4

/** Rows are named by their number from the beginning; all have the same height. */
export class VirtualRows<Row extends HTMLElement> {
  /** Stays at the newest row while rows come; scrolling up ends it, scrolling to the end begins it again. */
  following = true
  private readonly pool: Row[] = []
  private readonly shown = new Map<Row, number>()
  private first = 0
  private touched = false
  /** Heights of the list and of what is in sight, and the place, when the newest row was last gone to. */
  private followed = { list: NaN, sight: NaN, top: NaN }

  constructor(
    private readonly scroller: HTMLElement,
    private readonly before: HTMLElement,
    private readonly after: HTMLElement,
    private readonly rows: RowMaker<Row>,
    readonly rowPx: number,
    changed: () => void
  ) {
    scroller.addEventListener('scroll', () => {
      const { scrollTop, clientHeight, scrollHeight } = scroller
      this.following = scrollTop + clientHeight >= scrollHeight - rowPx
      if (!this.following) this.touched = true
      changed()
    })
  }

  /** Shows rows `first` to `end` - 1 at the place one has scrolled to; `fresh`: all are filled anew. */
  update(first: number, end: number, fresh: boolean): void {
    const { scroller, rowPx } = this
    const height = scroller.clientHeight
    const before = scroller.scrollTop
    let top = before
    if (this.following) top = Math.max(0, (end - first) * rowPx - height)
    else if (first > this.first) top = Math.max(0, top - (first - this.first) * rowPx)
    this.first = first
    const from = Math.max(first, first + Math.floor(top / rowPx) - MARGIN)
    const to = Math.min(end, first + Math.ceil((top + height) / rowPx) + MARGIN)
    this.place(Math.min(from, to), to, fresh)
    setHeight(this.before, (Math.min(from, to) - first) * rowPx)
    setHeight(this.after, (end - to) * rowPx)
    if (this.following) this.goToEnd((end - first) * rowPx, height, before, fresh)
    else if (first > 0 && top !== scroller.scrollTop) scroller.scrollTop = top
  }

  /** Where nothing has moved the end is in sight still; to ask the page for it would lay it out once more a frame. */
  private goToEnd(list: number, sight: number, top: number, fresh: boolean): void {
    const { scroller, followed } = this
    if (!fresh && list === followed.list && sight === followed.sight && top === followed.top) return
    scroller.scrollTop = scroller.scrollHeight
    this.followed = { list, sight, top: scroller.scrollTop }
  }

  /** A finished list that nobody has scrolled is read from its beginning. */
  rewind(): void {
    if (this.touched) return
    this.following = false
    this.scroller.scrollTop = 0
  }

  private place(from: number, to: number, fresh: boolean): void {
    while (this.pool.length < to - from) {
      const row = this.rows.make()
      this.pool.push(row)
      this.after.before(row)
    }
    for (let i = 0; i < this.pool.length; i++) {
      const row = this.pool[i]
      if (!row) continue
      const number = from + i
      row.hidden = number >= to
      if (row.hidden) this.shown.delete(row)
      else if (fresh || this.shown.get(row) !== number) {
        this.shown.set(row, number)
        this.rows.fill(row, number)
      }
    }
  }
}

function setHeight(spacer: HTMLElement, px: number): void {
  const height = `${px}px`
  if (spacer.style.height !== height) spacer.style.height = height
}
