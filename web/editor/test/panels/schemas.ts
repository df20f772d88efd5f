// The schema.json of every node type, read from the tree.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const kNodes = fileURLToPath(new URL('../../../../nodes/', import.meta.url))

export function schemasOfNodes(): unknown[] {
  return readdirSync(kNodes, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('/schema.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(kNodes + name, 'utf8')) as unknown)
}
