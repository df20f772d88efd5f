// Boxes that hold what is put into them: they grow, and never shrink by themselves.
import { textMember, toNumber } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import type { Operation, Rect } from '@weir/flow-model'

/** Units between what is in a box and its border; above there is its name, too. */
export const kBoxMargin = 24

/** The frame around these, with its margins. */
export function frameOf(boxes: readonly Rect[]): Rect | undefined {
  if (boxes.length === 0) return undefined
  const x = Math.min(...boxes.map((box) => box.x)) - kBoxMargin
  const y = Math.min(...boxes.map((box) => box.y)) - kBoxMargin
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + kBoxMargin
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + kBoxMargin
  return { x, y, width: right - x, height: bottom - y }
}

/** What has a box, and those around it, hold these rectangles; nothing where they do. */
export function growBox(session: EditorSession, box: string, rects: readonly Rect[]): Operation[] {
  const { document, geometry } = session
  const operations: Operation[] = []
  let frame = frameOf(rects)
  const seen = new Set<string>()
  for (let at = box; at !== '' && !seen.has(at); at = document.group(at)?.parent ?? '') {
    seen.add(at)
    const now = geometry.thing('groups', at)
    if (now === undefined || frame === undefined) break
    const x = Math.min(now.x, frame.x)
    const y = Math.min(now.y, frame.y)
    const width = Math.max(now.x + now.width, frame.x + frame.width) - x
    const height = Math.max(now.y + now.height, frame.y + frame.height) - y
    if (x === now.x && y === now.y && width === now.width && height === now.height) break
    operations.push({ op: 'place', kind: 'groups', ids: [at], x: [x], y: [y], width: [width], height: [height] })
    frame = { x, y, width, height }
  }
  return operations
}

const kUsual = { nodes: [206, 100], notes: [206, 100], groups: [320, 200], widgets: [320, 200] } as const

/** What is added while a box is gone into is in that box. */
export function placedInside(session: EditorSession, operations: readonly Operation[]): readonly Operation[] {
  const box = session.view.getState().inside.at(-1)
  if (box === undefined || !session.document.tables.groups.has(box)) return operations
  const rects: Rect[] = []
  const placed = operations.map((operation): Operation => {
    if (operation.op !== 'add' || operation.kind === 'edges' || operation.kind === 'widgets') return operation
    if (textMember(operation.value, 'parent') !== '') return operation
    const [width, height] = kUsual[operation.kind]
    const part = (name: string, usual: number): number => toNumber(operation.box?.get(name)) ?? usual
    rects.push({ x: part('x', 0), y: part('y', 0), width: part('width', width), height: part('height', height) })
    return { ...operation, value: new Map([...operation.value, ['parent', box] as const]) }
  })
  return rects.length === 0 ? operations : [...placed, ...growBox(session, box, rects)]
}
