// What the page says of the draft: where it is kept, and whether all of it is there.
import type { FlowMerge } from '@weir/flow-model'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { KeptFlow } from '../home/flow-home.ts'
import { conflictsOf } from './merge-drafts.ts'
import type { OpenConflict } from './merge-drafts.ts'

export type DraftPhase =
  /** The home has all of it. */
  | 'saved'
  /** There is something that it does not have yet. */
  | 'unsaved'
  | 'saving'
  /** The home does not answer: work goes on in this browser. */
  | 'away'
  /** Somebody changed the same, and the person has to choose. */
  | 'conflict'
  /** The home refuses it; `reason` says why. */
  | 'refused'
  /** The home has it no more. */
  | 'gone'

export interface DraftState {
  phase: DraftPhase
  reason: string
  /** Epoch milliseconds; 0: not since it was opened. */
  savedAt: number
  name: string
  folder: string
  latestVersion: number
  publishedVersion: number
  /** Of phase `conflict`. */
  conflict: { theirs: KeptFlow; merge: FlowMerge; open: readonly OpenConflict[] } | undefined
}

export type DraftStore = StoreApi<DraftState>

export function makeDraftStore(kept: Partial<DraftState>): DraftStore {
  return createStore<DraftState>(() => ({
    phase: 'saved',
    reason: '',
    savedAt: 0,
    name: '',
    folder: '',
    latestVersion: 0,
    publishedVersion: 0,
    conflict: undefined,
    ...kept
  }))
}

export function conflictOf(theirs: KeptFlow, merge: FlowMerge): NonNullable<DraftState['conflict']> {
  return { theirs, merge, open: conflictsOf(merge) }
}
