// MemoryState: state and checkpoints that live as long as their object; for Node.js, tests and embedders.
import { WeirError } from '../errors.ts'
import type { StateChange, StateHost } from './host-calls.ts'

interface Kept {
  key: Uint8Array
  value: Uint8Array
  /** Microseconds since 1970; 0: never. */
  expiresAtMicros: number
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function beginsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return key.length >= prefix.length && prefix.every((byte, i) => key[i] === byte)
}

export class MemoryState implements StateHost {
  private readonly flows = new Map<string, { epoch: number; entries: Map<string, Kept> }>()

  commit(flow: string, epoch: number, changes: StateChange[]): Promise<void> {
    const state = this.of(flow)
    if (epoch < state.epoch) {
      return Promise.reject(new WeirError('state.fenced', `another run of '${flow}' has taken over`))
    }
    state.epoch = epoch
    for (const { key, value, expiresAtMicros } of changes) {
      if (value === null) state.entries.delete(key.join())
      else state.entries.set(key.join(), { key: key.slice(), value: value.slice(), expiresAtMicros })
    }
    return Promise.resolve()
  }

  get(flow: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    const kept = this.of(flow).entries.get(key.join())
    return Promise.resolve(kept && this.lives(kept) ? kept.value : undefined)
  }

  list(flow: string, prefix: Uint8Array, after: Uint8Array, most: number): Promise<[Uint8Array, Uint8Array][]> {
    const found = [...this.of(flow).entries.values()]
      .filter((kept) => this.lives(kept) && beginsWith(kept.key, prefix))
      .filter((kept) => after.length === 0 || compare(kept.key, after) > 0)
      .sort((a, b) => compare(a.key, b.key))
      .slice(0, most)
    return Promise.resolve(found.map(({ key, value }) => [key, value]))
  }

  /** Entries of a flow: 0 once its run has ended well, but for the number of its last run. */
  count(flow: string): number {
    return this.of(flow).entries.size
  }

  private of(flow: string): { epoch: number; entries: Map<string, Kept> } {
    const found = this.flows.get(flow)
    if (found) return found
    const made = { epoch: 0, entries: new Map<string, Kept>() }
    this.flows.set(flow, made)
    return made
  }

  private lives(kept: Kept): boolean {
    return kept.expiresAtMicros === 0 || kept.expiresAtMicros > Date.now() * 1000
  }
}
