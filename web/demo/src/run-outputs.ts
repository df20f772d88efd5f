// RunOutputs: each run writes into a folder of its own in the private file system; old ones go, by age and by count.

const ROOT = 'demo'
const NAME = /^\d{4}-\d{2}-\d{2}-\d{6}-[0-9a-f]{6}$/
const LOCK = 'weir-demo-output:'
/** Of each flow so many are kept besides those that are held, and none longer. */
export const MOST_KEPT = 10
export const LONGEST_KEPT_MS = 7 * 24 * 3600 * 1000

/** The folder of one run; it stays while somebody holds it, in whatever tab. */
export interface HeldOutput {
  path: string
  letGo(): void
}

type Folder = FileSystemDirectoryHandle & AsyncIterable<[string, FileSystemHandle]>

/** Names in the order in which the runs began. */
function nameOf(at: Date): string {
  const [day = '', time = ''] = at.toISOString().split('T')
  return `${day}-${time.slice(0, 8).replaceAll(':', '')}-${crypto.randomUUID().slice(0, 6)}`
}

function beganAt(name: string): number {
  const [year, month, day, time = ''] = name.split('-')
  return Date.parse(`${year}-${month}-${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6)}Z`)
}

/** undefined: this browser has no private file system, or gives none here. */
export async function newOutput(flow: string): Promise<HeldOutput | undefined> {
  try {
    await navigator.storage.getDirectory()
    return await holdOutput(`${ROOT}/${flow}/${nameOf(new Date())}`)
  } catch {
    return undefined
  }
}

/** What lies there is not cleaned away until it is let go, or the page is gone. */
export async function holdOutput(path: string): Promise<HeldOutput> {
  let letGo = (): void => undefined
  const over = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await new Promise<void>((resolve, reject) => {
    navigator.locks
      .request(LOCK + path, { mode: 'shared' }, () => {
        resolve()
        return over
      })
      .catch(reject)
  })
  return { path, letGo }
}

/** Deletes what is too old or too much of what the runs of a flow wrote; never what is held or in `needed`. */
export async function cleanOutputs(flow: string, needed: ReadonlySet<string>, now = Date.now()): Promise<void> {
  const folder = await folderOf(`${ROOT}/${flow}`)
  if (!folder) return
  const found: string[] = []
  for await (const [name] of folder) found.push(name)
  const { held = [] } = await navigator.locks.query()
  const kept = new Set([...held.map((lock) => lock.name ?? ''), ...[...needed].map((path) => LOCK + path)])
  let newer = 0
  for (const name of found.sort().reverse()) {
    if (kept.has(`${LOCK}${ROOT}/${flow}/${name}`)) continue
    const isFresh = NAME.test(name) && now - beganAt(name) < LONGEST_KEPT_MS && newer < MOST_KEPT
    if (isFresh && !(await isEmpty(folder, name))) newer++
    // Of a file that somebody reads just now: the next run tries again.
    else await folder.removeEntry(name, { recursive: true }).catch(() => undefined)
  }
}

async function isEmpty(folder: Folder, name: string): Promise<boolean> {
  const inner = (await folder.getDirectoryHandle(name)) as Folder
  return (await inner[Symbol.asyncIterator]().next()).done === true
}

async function folderOf(path: string): Promise<Folder | undefined> {
  try {
    let folder = await navigator.storage.getDirectory()
    for (const part of path.split('/')) folder = await folder.getDirectoryHandle(part)
    return folder as Folder
  } catch {
    return undefined
  }
}
