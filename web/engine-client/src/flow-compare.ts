// What is said of two versions of a flow: what differs, and what comes of merging them.
import type { FlowSource } from './engine.ts'

/** One value that differs; without `before` it is new, without `after` it is gone. */
export interface FlowDifference {
  /** From its part, for a person: `settings.measures[revenue].of`. */
  path: string
  /** JSON pointer into the canonical new document; of what is gone: into the old one. */
  pointer: string
  before?: unknown
  after?: unknown
}

export type FlowPart =
  | 'flow'
  | 'parameter'
  | 'input'
  | 'output'
  | 'node'
  | 'edge'
  | 'group'
  | 'note'
  | 'widget'
  | 'dashboard'
  | 'alert'
  | 'test'
  | 'place'

export interface FlowPartDiff {
  part: FlowPart
  change: 'added' | 'removed' | 'changed'
  id: string
  /** Of one that was renamed. */
  formerId?: string
  /** `logic/filter 1.0.0`, `read.rows → paid.rows` */
  about?: string
  pointer: string
  differences: FlowDifference[]
}

export interface FlowDiff {
  flow: string
  same: boolean
  /** "2 nodes changed, 1 edge added" */
  summary: string
  parts: FlowPartDiff[]
  /** In the format that was asked for. */
  text?: string
}

export interface FlowDiffOptions {
  /** Positions, sizes, colours, times of saving and the order of lists too. */
  all?: boolean
  format?: 'text' | 'markdown'
}

export interface FlowVersions {
  /** What both began with; without it, both added everything. */
  base?: FlowSource
  ours: FlowSource
  theirs: FlowSource
}

export interface FlowConflict {
  kind: 'changed' | 'removed' | 'used' | 'added' | 'order' | 'renamed' | 'invalid'
  /** `node 'paid', settings.condition` */
  where: string
  /** JSON pointer into `text`, of the innermost thing that is there. */
  pointer: string
  message: string
  base?: unknown
  ours?: unknown
  theirs?: unknown
}

export interface FlowMerge {
  /** The canonical document; where the two conflict, what ours says. */
  text: string
  /** The same; where the two conflict, what theirs says. */
  theirs: string
  conflicts: FlowConflict[]
  /** What was settled without asking, for a person to know. */
  notes: string[]
}
