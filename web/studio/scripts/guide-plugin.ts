// Gives the build `virtual:guide`: the pages of docs/guide and docs/reference, each a file of its own that is loaded when it is read.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { guidePage, pageId } from './guide-blocks.ts'

const DOCS = fileURLToPath(new URL('../../../docs', import.meta.url))
const NAME = 'virtual:guide'

/** Paths below docs, in order. */
export function guidePaths(docs = DOCS): string[] {
  return ['guide', 'reference'].flatMap((folder) =>
    readdirSync(join(docs, folder))
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => `${folder}/${name}`)
  )
}

export function guide(): Plugin {
  const paths = guidePaths()
  const known = new Set(paths)
  const read = (path: string) => guidePage(path, readFileSync(join(DOCS, path), 'utf8'), known)
  return {
    name: 'weir-guide',
    resolveId: (id) => (id === NAME || id.startsWith(`${NAME}/`) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${NAME}`)) return null
      if (id === `\0${NAME}`) {
        const entries = paths.map((path) => {
          const { id: page, title } = read(path)
          return `{ id: ${JSON.stringify(page)}, title: ${JSON.stringify(title)}, load: () => import(${JSON.stringify(`${NAME}/${page}`)}) }`
        })
        return `export const PAGES = [${entries.join(',\n')}]`
      }
      const path = paths.find((one) => id === `\0${NAME}/${pageId(one)}`)
      if (path === undefined) return null
      this.addWatchFile(join(DOCS, path))
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(read(path)))})`
    }
  }
}
