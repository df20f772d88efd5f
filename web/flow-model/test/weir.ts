// What tests need of the repository: its flows, its node packages, and the program `weir` where it was built.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const kRoot = resolve(import.meta.dirname, '../../..')
const kWeir = process.env['WEIR'] ?? join(kRoot, 'build/bin/weir')

/** The program, or undefined where it was not built. */
export const weir: string | undefined = existsSync(kWeir) ? kWeir : undefined

function filesBelow(folder: string, ending: string): string[] {
  const found = readdirSync(join(kRoot, folder), { recursive: true, encoding: 'utf8' })
  return found
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path))
    .sort()
}

/** All flow documents of the repository, as paths from its root. */
export function flowFiles(): string[] {
  return ['bench', 'examples', 'tests', 'web/demo/flows'].flatMap((folder) => filesBelow(folder, '.flow.json'))
}

export function readRoot(path: string): string {
  return readFileSync(join(kRoot, path), 'utf8')
}

export interface Ran {
  status: number
  out: string
  error: string
}

/** Runs `weir` with these words; `input` goes to its standard input. */
export function runWeir(words: readonly string[], input = ''): Ran {
  const ran = spawnSync(weir ?? 'weir', words, { input, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })
  return { status: ran.status ?? -1, out: ran.stdout, error: ran.stderr }
}

/** Writes texts into a folder that is there while `work` runs; gets their paths. */
export function withFiles<T>(texts: readonly string[], work: (paths: string[]) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'flow-model-'))
  try {
    return work(
      texts.map((text, index) => {
        const path = join(folder, `${index}.flow.json`)
        writeFileSync(path, text)
        return path
      })
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The schema.json texts of the node packages of the repository. */
export function nodeSchemas(): string[] {
  return filesBelow('nodes', '/schema.json').map(readRoot)
}
