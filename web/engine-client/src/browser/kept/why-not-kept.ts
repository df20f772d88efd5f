// whyNotKept: what stands against going on with a run after its page is gone, in words for the person.
import type { NodeType } from '../../engine.ts'
import type { FolderSource } from '../files/folder-source.ts'

interface Drawn {
  nodes?: { id: string; typeId: string }[]
}

/** Sources without files that know where they stood. */
const WITH_POSITION = new Set(['generate/pattern'])

function whyNotNode(id: string, type: NodeType): string | undefined {
  const needs = (type.needs ?? []) as string[]
  if (needs.includes('files')) return undefined
  const name = `'${id}' (${type.id})`
  if (type.id === 'page/inlet') return `${name} takes rows from this page, which are not kept`
  if (type.cardinality === 'source' && !WITH_POSITION.has(type.id)) {
    return `${name} gives what comes while it runs, and has no place in a file to go on from`
  }
  if (type.touches === 'writes') return `${name} would send again what it sent after the last checkpoint`
  return undefined
}

function whyNotFolder(mount: string, source: FolderSource, isWritten: boolean): string | undefined {
  switch (source.kind) {
    case 'memory':
      return `the files of '${mount}' are in memory and go with the page; give a folder that lasts`
    case 'private':
    case 'picked':
      return undefined
    case 'files': {
      const lost = source.files.find((one) => !one.handle)
      if (!lost) return undefined
      return `'${lost.path}' was given in a way that cannot be opened again; drop it or its folder on the page instead, in a browser that keeps access to it (Chromium does)`
    }
    case 'layers':
      for (const [i, layer] of source.layers.entries()) {
        const reason = whyNotFolder(mount, layer, isWritten && i === 0)
        if (reason !== undefined) return reason
      }
      return undefined
  }
}

function drawnIn(flow: string): Drawn {
  return JSON.parse(flow) as Drawn
}

/** `subflows`: documents that it uses as nodes. Empty: it can go on. */
export function whyNotKept(
  flow: string,
  subflows: Record<string, unknown>,
  types: ReadonlyMap<string, NodeType>,
  folders: Record<string, FolderSource>
): string[] {
  const nodes = [drawnIn(flow), ...(Object.values(subflows) as Drawn[])].flatMap((one) => one.nodes ?? [])
  const known = nodes.flatMap(({ id, typeId }) => {
    const type = types.get(typeId)
    return type ? [{ id, type }] : []
  })
  if (!known.some(({ type }) => ((type.needs ?? []) as string[]).includes('files'))) {
    return ['the flow reads and writes no files: there is nothing to go on from']
  }
  const reasons = known.map(({ id, type }) => whyNotNode(id, type))
  for (const [mount, source] of Object.entries(folders)) reasons.push(whyNotFolder(mount, source, true))
  return reasons.filter((reason) => reason !== undefined)
}
