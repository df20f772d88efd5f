// Failures of a run, grouped by cause: ten thousand that are alike are one line with a count.
import type { RunResult } from '@weir/engine-client'
import type { FailureGroup } from './shown-run.ts'

/** Groups that are told apart; what is more goes into one. */
const kMostGroups = 100
const kOthers = 'others'

/** A row that was set aside, as the engine and the server write it. */
export interface Letter {
  code: string
  message: string
  node: string
  at: number
}

/** Of what a run gives for its dead letters; what is none is left out. */
export function letterOf(value: unknown, now: number): Letter | undefined {
  const raw = value as Record<string, unknown> | null
  if (typeof raw !== 'object' || raw === null || typeof raw.code !== 'string') return undefined
  const text = (name: string): string => (typeof raw[name] === 'string' ? raw[name] : '')
  const at = Date.parse(text('time') || text('timestamp'))
  return { code: raw.code, message: text('message'), node: text('nodeId'), at: Number.isNaN(at) ? now : at }
}

/** A message without its values: what two failures of one cause have in common. */
export function causeOf(message: string): string {
  const first = message.split('\n', 1)[0] ?? ''
  return first.replace(/'[^']*'|"[^"]*"|`[^`]*`/g, '…').replace(/-?\d+(?:[.:]\d+)*/g, '#')
}

export class Failures {
  private readonly groups = new Map<string, FailureGroup>()
  private readonly live = new Map<string, FailureGroup>()

  /** The largest first. */
  get list(): readonly FailureGroup[] {
    const all = this.groups.size > 0 ? this.groups : this.live
    return [...all.values()].sort((a, b) => b.count - a.count)
  }

  /** While it runs only nodes and counts are known. */
  counted(failed: ReadonlyMap<string, number>, now: number): void {
    for (const [node, count] of failed) {
      const known = this.live.get(node)
      if (known?.count === count) continue
      const firstAt = known?.firstAt ?? now
      const message = count === 1 ? 'a row failed' : 'rows failed'
      this.live.set(node, { key: `node ${node}`, code: '', node, message, count, firstAt, lastAt: now })
    }
  }

  add({ code, message, node, at }: Letter, count = 1): void {
    let key = `${code} ${node} ${causeOf(message)}`
    if (!this.groups.has(key) && this.groups.size >= kMostGroups) key = kOthers
    const known = this.groups.get(key)
    if (known === undefined) {
      const isOther = key === kOthers
      this.groups.set(key, {
        key,
        code: isOther ? '' : code,
        node: isOther ? '' : node,
        message: isOther ? 'and others' : (message.split('\n', 1)[0] ?? ''),
        count,
        firstAt: at,
        lastAt: at
      })
      return
    }
    const firstAt = Math.min(known.firstAt, at)
    const lastAt = Math.max(known.lastAt, at)
    this.groups.set(key, { ...known, count: known.count + count, firstAt, lastAt })
  }

  /** The first rows that failed were looked at one by one; how many there were in all, the result says by code. */
  ended(result: RunResult, letters: readonly unknown[], now: number): void {
    for (const each of letters) {
      const letter = letterOf(each, now)
      if (letter !== undefined) this.add(letter)
    }
    for (const [code, total] of Object.entries(result.errorsByCode)) {
      const same = [...this.groups.values()].filter((group) => group.code === code)
      const missing = total - same.reduce((sum, group) => sum + group.count, 0)
      const [only] = same
      if (missing <= 0) continue
      if (only !== undefined && same.length === 1) this.groups.set(only.key, { ...only, count: only.count + missing })
      else this.add({ code, message: 'others with this code', node: '', at: now }, missing)
    }
    const { error, node = '' } = result
    if (error === undefined || error.code === 'run.cancelled') return
    if (![...this.groups.values()].some((group) => group.code === error.code && group.node === node)) {
      this.add({ code: error.code, message: error.message, node, at: now })
    }
  }
}
