// Frames of the live protocol, as engine/live/frame.h has them.
import { WeirError } from '../errors.ts'

export const FrameKind = { control: 0, schema: 1, dictionary: 2, batch: 3 } as const
const HEADER_BYTES = 24
const FRAME_VERSION = 1
const MAX_FRAME_BYTES = 64 * 1024 * 1024

export interface Frame {
  kind: number
  subscription: number
  sequence: bigint
  /** Rows of the subscription that were for it and were not sent, since it began. */
  rowsShed: bigint
  payload: Uint8Array
}

/** A control message: requests, replies (which repeat `id`), figures and events. */
export interface Control {
  v: 1
  type: string
  id?: string
  subscription?: number
  data?: unknown
}

/** Cuts bytes into frames; each stands behind its length. */
export function splitFrames(bytes: Uint8Array): Frame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) throw new WeirError('live.frame', 'the last frame is cut')
    const size = view.getUint32(at, true)
    if (size < HEADER_BYTES || size > MAX_FRAME_BYTES || at + 4 + size > bytes.length) {
      throw new WeirError('live.frame', `a frame of ${size} bytes cannot be`)
    }
    const from = at + 4
    if (view.getUint8(from) !== FRAME_VERSION) throw new WeirError('live.frame', 'the frame is of another version')
    frames.push({
      kind: view.getUint8(from + 1),
      subscription: view.getUint32(from + 4, true),
      sequence: view.getBigUint64(from + 8, true),
      rowsShed: view.getBigUint64(from + 16, true),
      payload: bytes.subarray(from + HEADER_BYTES, from + size)
    })
    at = from + size
  }
  return frames
}

const decoder = new TextDecoder()

export function controlOf(frame: Frame): Control {
  return JSON.parse(decoder.decode(frame.payload)) as Control
}
