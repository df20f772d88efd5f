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
  isCompressed: boolean
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

/** One frame without a length, as a message of a WebSocket has it. @throws WeirError */
export function frameIn(bytes: Uint8Array): Frame {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_FRAME_BYTES) {
    throw new WeirError('live.frame', `a frame of ${bytes.length} bytes cannot be`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint8(0) !== FRAME_VERSION) throw new WeirError('live.frame', 'the frame is of another version')
  return {
    kind: view.getUint8(1),
    subscription: view.getUint32(4, true),
    sequence: view.getBigUint64(8, true),
    rowsShed: view.getBigUint64(16, true),
    isCompressed: (view.getUint16(2, true) & 1) !== 0,
    payload: bytes.subarray(HEADER_BYTES)
  }
}

/** Cuts bytes into frames; each stands behind its length. @throws WeirError */
export function splitFrames(bytes: Uint8Array): Frame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) throw new WeirError('live.frame', 'the last frame is cut')
    const size = view.getUint32(at, true)
    if (size < HEADER_BYTES || size > MAX_FRAME_BYTES || at + 4 + size > bytes.length) {
      throw new WeirError('live.frame', `a frame of ${size} bytes cannot be`)
    }
    frames.push(frameIn(bytes.subarray(at + 4, at + 4 + size)))
    at += 4 + size
  }
  return frames
}

const decoder = new TextDecoder()

export function controlOf(frame: Frame): Control {
  return controlIn(decoder.decode(frame.payload))
}

/** @throws WeirError for what is no control message of this version. */
export function controlIn(text: string): Control {
  let found: Partial<Control> | null = null
  try {
    found = JSON.parse(text) as Partial<Control> | null
  } catch {
    // Said below.
  }
  if (found?.v === 1 && typeof found.type === 'string') return found as Control
  throw new WeirError('live.control', `what came is no control message of this version: ${text.slice(0, 80)}`)
}
