// Backpressure handlers: what a connection does when messages come faster than they are read.
import { expectShare, expectWhole, type BackpressurePolicy } from './config.ts'

/** A connection came under pressure, or it is over, or messages are being dropped. */
export interface PressureEvent {
  connectionId: string
  kind: 'pressure' | 'pressure-over' | 'dropping'
  message: string
}

/** Says what the engine's edge is to do; the engine does it, and counts it. */
export interface BackpressureHandler {
  readonly policy: BackpressurePolicy
  /** Only told: what it throws is reported, and the edge goes on by `policy`. */
  onPressure?(event: PressureEvent): void
}

export interface BackpressureOptions {
  /** Share of the buffer from which on messages are dropped. */
  dropThreshold: number
  /** Messages of the lowest priority go first; otherwise the oldest. */
  priorityDrop: boolean
  /** Messages that have waited so long at a full connection are dropped; milliseconds. */
  maxWaitTime: number
}

export const DEFAULT_BACKPRESSURE: Readonly<BackpressureOptions> = {
  dropThreshold: 0.9,
  priorityDrop: true,
  maxWaitTime: 100
}

/** Drops at a fixed share of the buffer. */
export class DefaultBackpressureHandler implements BackpressureHandler {
  readonly policy: BackpressurePolicy
  readonly options: Readonly<BackpressureOptions>

  /** @throws RangeError */
  constructor(options: Partial<BackpressureOptions> = {}) {
    this.options = checked(options)
    this.policy = policyOf(this.options, false)
  }
}

/** Slows and drops sooner the longer messages wait and the busier the machine is: down to a quarter of the thresholds. */
export class AdaptiveBackpressureHandler implements BackpressureHandler {
  readonly policy: BackpressurePolicy
  readonly options: Readonly<BackpressureOptions>

  /** @throws RangeError */
  constructor(options: Partial<BackpressureOptions> = {}) {
    this.options = checked(options)
    this.policy = policyOf(this.options, true)
  }
}

/** Never drops: the writer waits. What connections do without a handler. */
export class BlockingBackpressureHandler implements BackpressureHandler {
  readonly policy: BackpressurePolicy = { rule: 'block', dropThreshold: 0.9, maxWaitTime: 100, adaptive: false }
}

function checked(options: Partial<BackpressureOptions>): Readonly<BackpressureOptions> {
  const all = { ...DEFAULT_BACKPRESSURE, ...options }
  expectShare('dropThreshold', all.dropThreshold)
  expectWhole('maxWaitTime', all.maxWaitTime, 0)
  return all
}

function policyOf(options: BackpressureOptions, adaptive: boolean): BackpressurePolicy {
  return {
    rule: options.priorityDrop ? 'dropLowestPriority' : 'dropOldest',
    dropThreshold: options.dropThreshold,
    maxWaitTime: options.maxWaitTime,
    adaptive
  }
}
