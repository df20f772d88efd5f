// Files that small generators fill for the examples, the same in every page.
import type { GivenFile } from './example.ts'

const ORDER_FILES = 10
const ORDER_ROWS = 50_000
const REGIONS = ['north', 'east', 'south', 'west', 'centre']

type Dice = (below: number) => number

function diceOf(seed: number): Dice {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

export function generatedOrders(): GivenFile[] {
  const next = diceOf(7)
  return Array.from({ length: ORDER_FILES }, (_, i) => {
    const lines = ['region,quantity,price\n']
    for (let row = 0; row < ORDER_ROWS; row++) {
      lines.push(`${REGIONS[next(REGIONS.length)] ?? ''},${next(6)},${(next(9000) + 100) / 100}\n`)
    }
    const name = `orders-${i}.csv`
    return { path: `data/${name}`, file: new File(lines, name) }
  })
}

const LOG_FILES = ['web/front.log', 'web/login.log', 'jobs/night.log']
const LOG_LINES = 20_000

export function generatedLogs(): GivenFile[] {
  const next = diceOf(11)
  return LOG_FILES.map((path, file) => {
    const lines = Array.from({ length: LOG_LINES }, (_, i) => {
      const at = new Date(Date.UTC(2026, 2, 4, 8, 0, i)).toISOString()
      const grade = next(400)
      if (grade === 0) return `${at} FATAL no connection to the store after 30 s\n`
      if (grade < 4 + file)
        return `${at} ERROR request ${next(90_000)} failed: the answer took ${next(9000) + 1000} ms\n`
      return grade < 20 ? `${at} WARN queue at ${next(100)} %\n` : `${at} INFO request ${next(90_000)} answered\n`
    })
    return { path: `data/${path}`, file: new File(lines, path.split('/').at(-1) ?? path) }
  })
}

const FRAMES = 80
const [FRAME_WIDTH, FRAME_HEIGHT] = [320, 180]

/** Pictures as PNG in base64, a line each: a sun that crosses the sky. */
export async function generatedFrames(): Promise<GivenFile[]> {
  const canvas = new OffscreenCanvas(FRAME_WIDTH, FRAME_HEIGHT)
  const lines: string[] = []
  for (let number = 0; number < FRAMES; number++) {
    const height = Math.sin((number / (FRAMES - 1)) * Math.PI)
    paintSky(canvas, number / (FRAMES - 1), height)
    const png = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
    const text = btoa(Array.from(png, (byte) => String.fromCharCode(byte)).join(''))
    lines.push(`${JSON.stringify({ number, warmth: Math.round(height * 250) / 10, png: text })}\n`)
  }
  return [{ path: 'data/frames.ndjson', file: new File(lines, 'frames.ndjson') }]
}

function paintSky(canvas: OffscreenCanvas, share: number, height: number): void {
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser gives no canvas to draw the pictures on')
  context.fillStyle = `hsl(${210 - height * 15} ${40 + height * 20}% ${12 + height * 50}%)`
  context.fillRect(0, 0, FRAME_WIDTH, FRAME_HEIGHT)
  context.fillStyle = `hsl(${20 + height * 30} 90% 60%)`
  context.beginPath()
  context.arc(20 + share * (FRAME_WIDTH - 40), FRAME_HEIGHT - 30 - height * 115, 16, 0, Math.PI * 2)
  context.fill()
  context.fillStyle = `hsl(160 30% ${8 + height * 18}%)`
  context.beginPath()
  context.moveTo(0, FRAME_HEIGHT)
  for (let x = 0; x <= FRAME_WIDTH; x += 8)
    context.lineTo(x, FRAME_HEIGHT - 34 - 12 * Math.sin(x / 41) - 6 * Math.sin(x / 17))
  context.lineTo(FRAME_WIDTH, FRAME_HEIGHT)
  context.fill()
}
