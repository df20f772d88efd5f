// Pictures of pages beside those that are kept: what differs, as a share and as a box. Decoded by the browser itself.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const KEPT = fileURLToPath(new URL('../snapshots', import.meta.url))
const WRITES = process.env.WEIR_WRITE_SNAPSHOTS === '1'
/** How far a channel may be off before a pixel counts: edges of letters differ a little between machines. */
const MOST_OFF = 56
/** The share of pixels that may count: figures that are drawn are others at each run. */
const MOST_SHARE = 0.02

interface Difference {
  width: number
  height: number
  share: number
  /** Of what differs: left, top, right, bottom. */
  box: readonly [number, number, number, number]
}

/** Text that is another at each run (times, durations, ports of addresses) is made the same; then the page rests. */
export async function steady(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    for (let i = 0; i < 4; ++i) await frame()
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent ?? ''
      const same = text
        .replace(/\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d+)?)?/g, (found) =>
          found.includes('T')
            ? '2026-03-04T12:20:07.120000'.slice(0, found.length)
            : '2026-03-04 12:20:07.120000'.slice(0, found.length)
        )
        .replace(/\b\d\d:\d\d(:\d\d)?\b/g, (found) => '12:20:07'.slice(0, found.length))
        .replace(/\b\d+(\.\d+)?([ \u2009])(µs|ms|s|B|KiB|MiB|k\/s|M\/s|\/s)(?![a-z])/g, '0.31$2$3')
        .replace(/\b(now|\d+ (s|min) ago)\b/g, 'now')
        .replace(/127\.0\.0\.1:\d+/g, 'flows.example')
      if (same !== text) node.textContent = same
    }
  })
}

/** @throws an error that says what differs and where the picture was put, if it is not the one that is kept */
export async function expectPicture(page: Page, name: string): Promise<void> {
  await steady(page)
  const made = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  const kept = join(KEPT, `${name}.png`)
  if (WRITES) {
    mkdirSync(KEPT, { recursive: true })
    writeFileSync(kept, made)
    return
  }
  const put = join(process.env.WEIR_PICTURES ?? join(tmpdir(), 'weir-snapshots'), `${name}.png`)
  const keepIt = (): void => {
    mkdirSync(join(put, '..'), { recursive: true })
    writeFileSync(put, made)
  }
  if (!existsSync(kept)) {
    keepIt()
    throw new Error(`there is no snapshot ${name}; what is shown is in ${put}. WEIR_WRITE_SNAPSHOTS=1 keeps it.`)
  }
  const found = await differenceOf(page, readFileSync(kept), made)
  if (found === undefined) {
    keepIt()
    throw new Error(`${name} is of another size than what is kept; it is in ${put}`)
  }
  if (found.share <= MOST_SHARE) return
  keepIt()
  const percent = (found.share * 100).toFixed(2)
  throw new Error(
    `${name}: ${percent} % of the pixels differ, between (${found.box[0]}, ${found.box[1]}) and (${found.box[2]}, ${found.box[3]}); ` +
      `compare ${put} with ${kept}. WEIR_WRITE_SNAPSHOTS=1 keeps what is shown now.`
  )
}

/** Undefined: their sizes differ. */
async function differenceOf(page: Page, kept: Buffer, made: Buffer): Promise<Difference | undefined> {
  const blank = await page.context().newPage()
  try {
    const pictures = [kept.toString('base64'), made.toString('base64')]
    return await blank.evaluate(measure, { pictures, mostOff: MOST_OFF })
  } finally {
    await blank.close()
  }
}

/** Runs in the page. */
async function measure(asked: { pictures: string[]; mostOff: number }): Promise<Difference | undefined> {
  const read = async (text: string): Promise<ImageData> => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    if (context === null) throw new Error('the browser has no canvas')
    context.drawImage(bitmap, 0, 0)
    return context.getImageData(0, 0, bitmap.width, bitmap.height)
  }
  const [a, b] = await Promise.all(asked.pictures.map(read))
  if (a === undefined || b === undefined || a.width !== b.width || a.height !== b.height) return undefined
  const { width, height } = a
  let count = 0
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let at = 0; at < a.data.length; at += 4) {
    const off = (part: number): number => Math.abs((a.data[at + part] ?? 0) - (b.data[at + part] ?? 0))
    if (Math.max(off(0), off(1), off(2)) <= asked.mostOff) continue
    count += 1
    const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)]
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return { width, height, share: count / (width * height), box: [left, top, right, bottom] }
}
