// Example: a flow that the page offers, with its input and the widgets that show it.
import type { FolderSource } from '@weir/engine-client/browser'
import { generatedFrames, generatedLogs, generatedOrders } from './generated-files.ts'

export interface FlowDocument extends Record<string, unknown> {
  id: string
  nodes: { id: string; typeId: string }[]
  edges: { id: string; source: { node: string; port: string }; target: { node: string; port: string } }[]
}

/** A widget on a port. */
export interface ShownWidget {
  /** A name of the registry. */
  widget: string
  node: string
  port: string
  title: string
  settings: Record<string, unknown>
  /** Takes the whole width. */
  wide: boolean
}

export interface Example {
  id: string
  title: string
  description: string
  flow: FlowDocument
  parameters: Record<string, unknown>
  /** Path to text. */
  files: Record<string, string>
  widgets: ShownWidget[]
  /** Input that is made in the page before the run. */
  generated?: 'orders' | 'logs' | 'frames'
}

export interface GivenFile {
  path: string
  file: File
  /** It can be opened again after a reload. */
  handle?: FileSystemFileHandle
}

/** What is read lies below; what is written goes to the private file system where there is one. */
export function projectOf(output: string | undefined, input: FolderSource): FolderSource {
  const above: FolderSource = output === undefined ? { kind: 'memory' } : { kind: 'private', path: output }
  return { kind: 'layers', layers: [above, input] }
}

export async function inputOf(example: Example): Promise<FolderSource> {
  return { kind: 'files', files: await filesOf(example) }
}

function filesOf({ generated, files }: Example): GivenFile[] | Promise<GivenFile[]> {
  if (generated === 'orders') return generatedOrders()
  if (generated === 'logs') return generatedLogs()
  if (generated === 'frames') return generatedFrames()
  return Object.entries(files).map(([path, text]) => ({ path, file: new File([text], path) }))
}
