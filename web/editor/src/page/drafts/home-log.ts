// The log that the home of a flow keeps: undo of one's own work where this browser knows nothing of it.
import { gestureFromText, gestureToText } from '@weir/flow-model'
import type { StoredGesture } from '@weir/flow-model'
import type { LoggedStep } from '../home/flow-home.ts'

/** SHA-256 in hexadecimal digits; empty where the page is not served in a way that gives it. */
export async function sumOf(text: string): Promise<string> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle
  if (subtle === undefined) return ''
  const sum = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return [...sum].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** @throws where there are no sums */
export async function stepOf(before: string, after: string, gestures: readonly string[]): Promise<LoggedStep> {
  const [was, is] = await Promise.all([sumOf(before), sumOf(after)])
  if (was === '') throw new Error('there are no sums here')
  return { before: was, after: is, gestures }
}

/**
 * The gestures that lead to a text, the oldest first: of the newest steps that follow one another without a gap and end
 * in it. Their sequences are counted anew from 1.
 */
export async function gesturesTo(text: string, steps: readonly LoggedStep[]): Promise<StoredGesture[]> {
  let wanted = await sumOf(text)
  const chain: LoggedStep[] = []
  for (const step of [...steps].reverse()) {
    if (wanted === '' || step.after !== wanted) break
    chain.unshift(step)
    wanted = step.before
  }
  const found: StoredGesture[] = []
  for (const line of chain.flatMap((step) => step.gestures)) {
    const gesture = gestureFromText(line)
    if (gesture === undefined) return []
    const sequence = found.length + 1
    found.push({ sequence, text: gestureToText({ ...gesture, sequence }) })
  }
  return found
}
