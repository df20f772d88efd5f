// What tests do on the canvas as a person does, and what they see.
import type { Page } from 'playwright-core'
import type { Scene } from './page.tsx'

declare const scene: Scene

/** Pixels of the page where a point of the canvas is. */
export async function at(page: Page, x: number, y: number): Promise<[number, number]> {
  return page.evaluate(
    ([px, py]) => {
      const { x: left, y: top, zoom } = scene.view().camera
      return [(px - left) * zoom, (py - top) * zoom] as [number, number]
    },
    [x, y] as const
  )
}

export async function drag(
  page: Page,
  from: [number, number],
  to: [number, number],
  held?: () => Promise<void>
): Promise<void> {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 })
  await page.mouse.move(...to, { steps: 3 })
  await page.evaluate(() => scene.nextFrame())
  await page.evaluate(() => scene.nextFrame())
  await held?.()
  await page.mouse.up()
}

export const selected = (page: Page): Promise<string[]> =>
  page.evaluate(() => [...scene.session().selection.ids('nodes')])
export const placeOf = (page: Page, id: string): Promise<[number, number]> =>
  page.evaluate((node) => {
    const { nodes } = scene.session().document.places
    return [nodes.get(node, 'x'), nodes.get(node, 'y')] as [number, number]
  }, id)
export const edgesOf = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    scene
      .session()
      .document.edges()
      .map(({ source, target }) => `${source.node}.${source.port}-${target.node}.${target.port}`)
  )
export const told = (page: Page): Promise<string> =>
  page.evaluate(() => scene.session().notice.getState().notice?.text ?? '')
