// KeyBindings: which key does what, with those that a person gave instead; kept in this browser, for all flows.
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { Command } from './command.ts'
import { isLetter, whyNoKey } from './key-text.ts'

const kKey = 'weir.keys'

/** Keys by the id of their command, of those that were changed. */
export type ChangedKeys = Readonly<Record<string, readonly string[]>>

function read(text: string | null): ChangedKeys {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    if (typeof value !== 'object' || value === null) return {}
    const good = Object.entries(value).filter(
      ([, keys]) =>
        Array.isArray(keys) && keys.length <= 4 && keys.every((key) => typeof key === 'string' && whyNoKey(key) === '')
    )
    return Object.fromEntries(good)
  } catch {
    return {}
  }
}

/** What is kept in this browser. Where nothing may be kept it lasts as long as the page. */
function stored(): Storage | undefined {
  try {
    return localStorage
  } catch {
    return undefined
  }
}

export class KeyBindings {
  readonly store: StoreApi<{ changed: ChangedKeys }>

  constructor(
    readonly commands: readonly Command[],
    private readonly kept: Pick<Storage, 'getItem' | 'setItem'> | undefined = stored()
  ) {
    this.store = createStore(() => ({ changed: read(kept?.getItem(kKey) ?? null) }))
  }

  /** Reads again what another tab has kept. */
  again(): void {
    this.store.setState({ changed: read(this.kept?.getItem(kKey) ?? null) })
  }

  keysOf(command: Command): readonly string[] {
    const { changed } = this.store.getState()
    return command.fixed === true ? command.keys : (changed[command.id] ?? command.keys)
  }

  isChanged(command: Command): boolean {
    return command.fixed !== true && Object.hasOwn(this.store.getState().changed, command.id)
  }

  /** The command that a key stands for. */
  commandOf(key: string): Command | undefined {
    return key === '' ? undefined : this.commands.find((command) => this.keysOf(command).includes(key))
  }

  /** Why a command cannot have a key, or which other one has it; undefined if it is free. */
  conflict(command: Command, key: string): { reason: string; other?: Command } | undefined {
    const never = whyNoKey(key)
    if (never !== '') return { reason: never }
    if (command.where !== 'canvas' && isLetter(key) && key !== '?')
      return { reason: 'A letter alone counts on the canvas only: hold Ctrl or Alt with it.' }
    const other = this.commandOf(key)
    if (other === undefined || other.id === command.id) return undefined
    if (other.fixed === true) return { reason: `This is the key of ${other.label}, and cannot be changed.` }
    return { reason: `This is the key of ${other.label}.`, other }
  }

  /** Gives a command one key in place of those it had. It is taken from who had it; refused as `conflict` says. */
  set(command: Command, key: string): void {
    const conflict = this.conflict(command, key)
    if (command.fixed === true || (conflict !== undefined && conflict.other === undefined)) return
    const changed: Record<string, readonly string[]> = { ...this.store.getState().changed, [command.id]: [key] }
    if (conflict?.other !== undefined)
      changed[conflict.other.id] = this.keysOf(conflict.other).filter((each) => each !== key)
    this.keep(changed)
  }

  /** The keys that it had at first; they are taken from who has them now. */
  reset(command: Command): void {
    const others = Object.entries(this.store.getState().changed).filter(([id]) => id !== command.id)
    const changed: Record<string, readonly string[]> = Object.fromEntries(others)
    for (const key of command.keys) {
      const other = this.commandOf(key)
      if (other !== undefined && other.id !== command.id)
        changed[other.id] = this.keysOf(other).filter((each) => each !== key)
    }
    this.keep(changed)
  }

  resetAll(): void {
    this.keep({})
  }

  private keep(changed: ChangedKeys): void {
    this.store.setState({ changed })
    try {
      this.kept?.setItem(kKey, JSON.stringify(changed))
    } catch {
      // A full store: they last as long as the page.
    }
  }
}

/** Follows what other tabs keep; gives what ends that. */
export function followOtherTabs(bindings: KeyBindings): () => void {
  const told = (event: StorageEvent): void => {
    if (event.key === kKey || event.key === null) bindings.again()
  }
  window.addEventListener('storage', told)
  return () => {
    window.removeEventListener('storage', told)
  }
}
