// BrowserLimits: what this place can run, and what it is worth to run here.

export interface BrowserLimits {
  /** Nodes that may be busy at the same moment, by the number of processor cores. */
  maxConcurrentNodes: number
  /** Bytes from which on a run is better on a server. */
  memoryThreshold: number
  /** Milliseconds after which a run is better on a server. */
  executionTimeout: number
  /** Bytes that wait at the page's end of a stream. */
  streamBufferSize: number
}

export const DEFAULT_LIMITS: Readonly<BrowserLimits> = {
  maxConcurrentNodes: 4,
  memoryThreshold: 512 << 20,
  executionTimeout: 600_000,
  streamBufferSize: 256 << 10
}

/** What the place says of itself; where it says nothing, the default. Memory: an eighth of the machine's, 2 GiB at most. */
export function detectLimits(given: Partial<BrowserLimits> = {}): BrowserLimits {
  const place = (typeof navigator === 'undefined' ? {} : navigator) as {
    hardwareConcurrency?: number
    deviceMemory?: number
  }
  const limits = { ...DEFAULT_LIMITS }
  if (place.hardwareConcurrency !== undefined) limits.maxConcurrentNodes = Math.max(1, place.hardwareConcurrency)
  if (place.deviceMemory !== undefined) limits.memoryThreshold = Math.min(2 ** 31, (place.deviceMemory * 2 ** 30) / 8)
  return { ...limits, ...given }
}
