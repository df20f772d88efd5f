// Why a flow is better, or only, run elsewhere: as data, and as a sentence for people.

export type PlacementCode =
  /** The node runs on other hosts only. */
  | 'node.elsewhere'
  /** Nobody here knows the type. */
  | 'node.unknown'
  /** More nodes than this place is for. */
  | 'nodes'
  | 'memory'
  | 'cores'
  | 'file.size'
  | 'time'
  /** The server lacks the node, or reads a file that only this place has. */
  | 'server.node'
  | 'server.file'

export interface PlacementReason {
  code: PlacementCode
  /** It forbids the place; otherwise it speaks against it. */
  blocking: boolean
  node?: string
  typeId?: string
  /** Where the node can run. */
  hosts?: string[]
  path?: string
  /** In nodes, bytes, cores or milliseconds, as the code says. */
  limit?: number
  found?: number
  sentence: string
}

export interface ResourceCheck {
  canRun: boolean
  reasons: PlacementReason[]
}

export function checkOf(reasons: PlacementReason[]): ResourceCheck {
  return { canRun: !reasons.some((one) => one.blocking), reasons }
}

export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024)))
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power] ?? 'B'}`
}

export function timeText(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 120) return `${Number(seconds.toPrecision(3))} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toPrecision(3))} h`
}
