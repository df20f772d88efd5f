// Names of series with their shapes, and the name of the x axis with its zone.
import { make } from '../view/widget-view.ts'
import { MARKERS } from './line-path.ts'

export function fillLegend(list: HTMLElement, names: readonly string[], axis: string, leftOut: number): void {
  const page = list.ownerDocument
  const items = names.map((name, series) => {
    const item = make(page, 'li', `weir-series-${series + 1}`)
    const marker = make(page, 'span', 'weir-marker')
    marker.setAttribute('aria-hidden', 'true')
    marker.textContent = MARKERS[series % MARKERS.length] ?? ''
    item.append(marker, name)
    return item
  })
  if (leftOut > 0) {
    const more = make(page, 'li', 'weir-left-out')
    more.textContent = `and ${leftOut} more that are not drawn`
    items.push(more)
  }
  const last = make(page, 'li', 'weir-axis-name')
  last.textContent = axis
  list.replaceChildren(...items, last)
}
