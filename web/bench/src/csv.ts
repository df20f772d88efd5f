// A CSV read in the tab: as the file that was given, in place, and from the origin's private file system.
import { filesSource, type BrowserEngine, type FolderSource } from '@weir/engine-client/browser'

export interface CsvFigures {
  outcome: string
  seconds: number
  /** What the flow wrote. */
  text: string
}

const PRIVATE = 'bench-input'
const OUT = 'bench-output'
export const OUT_FILE = 'sums.csv'

function givenFile(): File {
  const file = (document.getElementById('file') as HTMLInputElement).files?.[0]
  if (!file) throw new Error('no file was given to the page')
  return file
}

async function privateCopy(): Promise<FolderSource> {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle(PRIVATE, { create: true })
  const file = givenFile()
  const handle = await folder.getFileHandle(file.name, { create: true })
  if ((await handle.getFile()).size !== file.size) {
    await file.stream().pipeTo(await handle.createWritable())
  }
  return { kind: 'private', path: PRIVATE }
}

export async function readCsv(engine: BrowserEngine, flow: string, where: 'file' | 'private'): Promise<CsvFigures> {
  const source = where === 'file' ? filesSource([givenFile()]) : await privateCopy()
  const folders = { project: { kind: 'layers' as const, layers: [{ kind: 'private' as const, path: OUT }, source] } }
  const from = performance.now()
  const run = await engine.run(flow, { folders })
  const { outcome, error } = await run.result
  const seconds = (performance.now() - from) / 1000
  run.dispose()
  if (outcome !== 'done') throw new Error(`the run ended with ${outcome}: ${error?.message ?? ''}`)
  const root = await navigator.storage.getDirectory()
  const written = await (await root.getDirectoryHandle(OUT)).getFileHandle(OUT_FILE)
  return { outcome, seconds, text: await (await written.getFile()).text() }
}
