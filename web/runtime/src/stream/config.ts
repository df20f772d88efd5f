// StreamConfig, and the one place where its names become those of the engine's edges (flow documents, `edges`).

/** How a connection buffers, batches and tries again. Counts are messages, times are milliseconds. */
export interface StreamConfig {
  /** Messages that the connection holds at most. */
  bufferSize: number
  /** A message waits so long for others to travel with. */
  batchTimeout: number
  /** Messages that travel together at most. */
  maxBatchSize: number
  /** Share of the buffer from which on the writer is slowed. */
  backpressureThreshold: number
  /** Repeats after a failure: 3 are four tries in all. */
  retryAttempts: number
  /** Before the first repeat; each further one waits twice as long. */
  retryDelay: number
}

export const DEFAULT_STREAM_CONFIG: Readonly<StreamConfig> = {
  bufferSize: 1000,
  batchTimeout: 16,
  maxBatchSize: 50,
  backpressureThreshold: 0.8,
  retryAttempts: 3,
  retryDelay: 100
}

/** About 120 batches a second. */
export const HIGH_FREQUENCY_CONFIG: Readonly<Partial<StreamConfig>> = {
  bufferSize: 2000,
  batchTimeout: 8,
  maxBatchSize: 100,
  backpressureThreshold: 0.7
}

/** About 250 batches a second. */
export const LOW_LATENCY_CONFIG: Readonly<Partial<StreamConfig>> = {
  bufferSize: 500,
  batchTimeout: 4,
  maxBatchSize: 20,
  backpressureThreshold: 0.9
}

export const MEMORY_CONSTRAINED_CONFIG: Readonly<Partial<StreamConfig>> = {
  bufferSize: 200,
  batchTimeout: 50,
  maxBatchSize: 10,
  backpressureThreshold: 0.6
}

/** What a full connection does; a BackpressureHandler gives it. */
export interface BackpressurePolicy {
  rule: 'block' | 'dropOldest' | 'dropNewest' | 'dropLowestPriority' | 'sample'
  /** Share of the buffer from which on messages are dropped; not with `block`. */
  dropThreshold: number
  /** A full connection drops messages that have waited so long, in milliseconds; not with `block` and `dropNewest`. */
  maxWaitTime: number
  /** Both thresholds follow how long messages wait and how busy the machine is. */
  adaptive: boolean
}

export const BLOCK: Readonly<BackpressurePolicy> = {
  rule: 'block',
  dropThreshold: 0.9,
  maxWaitTime: 100,
  adaptive: false
}

/** Settings of an edge, by the names of flow documents. */
export interface EdgeSettings {
  buffer: { rows: number; threshold: number | 'adaptive'; dropThreshold: number }
  batch: { maxRows: number; maxWaitMs: number }
  whenFull: { rule: BackpressurePolicy['rule']; maxWaitMs: number }
}

/** Settings of a node that tries again, by the names of flow documents; `attempts` counts the first. */
export interface RetrySettings {
  attempts: number
  delayMs: number
}

/** @throws RangeError that names the member, what it is and what it may be. */
export function streamConfig(given: Partial<StreamConfig> = {}): StreamConfig {
  const config = { ...DEFAULT_STREAM_CONFIG, ...given }
  for (const name of Object.keys(given)) {
    if (!(name in DEFAULT_STREAM_CONFIG)) throw new RangeError(`stream configuration: there is no '${name}'`)
  }
  expectWhole('bufferSize', config.bufferSize, 1)
  expectWhole('batchTimeout', config.batchTimeout, 0)
  expectWhole('maxBatchSize', config.maxBatchSize, 1)
  expectWhole('retryAttempts', config.retryAttempts, 0)
  expectWhole('retryDelay', config.retryDelay, 0)
  expectShare('backpressureThreshold', config.backpressureThreshold)
  return config
}

export function edgeSettings(config: StreamConfig, policy: BackpressurePolicy = BLOCK): EdgeSettings {
  // A threshold over the one for dropping would never be met.
  const dropThreshold = Math.max(policy.dropThreshold, config.backpressureThreshold)
  return {
    buffer: {
      rows: config.bufferSize,
      threshold: policy.adaptive ? 'adaptive' : config.backpressureThreshold,
      dropThreshold
    },
    batch: { maxRows: Math.min(config.maxBatchSize, config.bufferSize), maxWaitMs: config.batchTimeout },
    whenFull: { rule: policy.rule, maxWaitMs: policy.maxWaitTime }
  }
}

export function retrySettings(config: StreamConfig): RetrySettings {
  return { attempts: config.retryAttempts + 1, delayMs: config.retryDelay }
}

/** @throws RangeError */
export function expectShare(name: string, value: number): void {
  if (!(value > 0 && value <= 1)) throw new RangeError(`${name} is ${value}: it is a share over 0, up to 1`)
}

/** @throws RangeError */
export function expectWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} is ${value}: it is a whole number of ${least} or more`)
  }
}
