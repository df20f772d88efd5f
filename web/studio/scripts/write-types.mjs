// Writes src/api/schema.gen.ts, the types of the API, from the OpenAPI document of a server: `node scripts/write-types.mjs URL-or-FILE`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import openapi, { astToString } from 'openapi-typescript'
import { format } from 'prettier'

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const target = fileURLToPath(new URL('../src/api/schema.gen.ts', import.meta.url))

/** The document without refusals, which are all alike, and with its paths in order. */
function reduced(document) {
  const paths = {}
  for (const path of Object.keys(document.paths).sort()) {
    const item = { ...document.paths[path] }
    for (const method of METHODS) {
      const operation = item[method]
      if (operation === undefined) continue
      const good = Object.entries(operation.responses).filter(
        ([status]) => status.startsWith('2') || status.startsWith('3')
      )
      item[method] = { ...operation, responses: Object.fromEntries(good) }
    }
    paths[path] = item
  }
  return { ...document, paths, components: { schemas: document.components.schemas } }
}

/** The text of schema.gen.ts for a document. */
export async function typesOf(document) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-types-'))
  try {
    const file = join(folder, 'openapi.json')
    writeFileSync(file, JSON.stringify(reduced(document)))
    const body = astToString(
      await openapi(pathToFileURL(file), {
        alphabetize: true,
        emptyObjectsUnknown: true,
        defaultNonNullable: false,
        silent: true
      })
    )
    const head =
      '// The types of the HTTP API, written by scripts/write-types.mjs from the OpenAPI document of a server.\n'
    return await format(head + body, {
      parser: 'typescript',
      semi: false,
      singleQuote: true,
      trailingComma: 'none',
      printWidth: 120
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const from = process.argv[2]
  if (from === undefined) throw new Error('say where the OpenAPI document is: the URL of a server, or a file')
  const text = /^https?:/.test(from)
    ? await (await fetch(new URL('/api/v1/openapi.json', from))).text()
    : readFileSync(from, 'utf8')
  writeFileSync(target, await typesOf(JSON.parse(text)))
}
