// Holds the seal of a run against another one: a sentence for each thing that differs.
import { cellWords, firstDifference, rowFormOf } from './row-difference.ts'
import type { FileOf } from './make-seal.ts'
import type { Seal, SealedFile } from './seal.ts'

/** Of an output that differs as much is read as a kept text can be long, and some more. */
const kReadBytes = 128 << 10

function sizes(was: SealedFile, is: SealedFile): string {
  if (was.bytes === is.bytes) return `other bytes, ${was.bytes.toLocaleString('en')} of them as in the seal`
  return `${was.bytes.toLocaleString('en')} bytes in the seal, ${is.bytes.toLocaleString('en')} here`
}

async function whereItDiffers(was: SealedFile, file: File | undefined): Promise<string> {
  if (was.text === undefined || file === undefined) {
    return '; the seal does not hold this output itself: weir seal check shows the first cell where both files are'
  }
  const now = await file.slice(0, kReadBytes).text()
  const cell = firstDifference(was, was.text.replace(/^\uFEFF/, ''), now)
  if (cell !== undefined) return `; first in ${cellWords(cell)}`
  return rowFormOf(was) === undefined ? '' : '; the same rows, written otherwise'
}

function byName(files: readonly SealedFile[]): Map<string, SealedFile> {
  return new Map(files.map((file) => [file.name, file]))
}

function parametersDiffer(was: Seal['parameters'], is: Seal['parameters']): string[] {
  const told = (of: Seal['parameters'], name: string): string =>
    Object.hasOwn(of, name) ? JSON.stringify(of[name]) : 'nothing'
  const names = new Set([...Object.keys(was), ...Object.keys(is)])
  return [...names]
    .filter((name) => told(was, name) !== told(is, name))
    .map((name) => `parameter ${name}: ${told(was, name)} in the seal, ${told(is, name)} here`)
}

async function filesDiffer(
  kind: 'input' | 'output',
  sealed: readonly SealedFile[],
  own: readonly SealedFile[],
  fileOf: FileOf
): Promise<string[]> {
  const here = byName(own)
  const told: string[] = []
  for (const was of sealed) {
    const is = here.get(was.name)
    here.delete(was.name)
    if (is === undefined) told.push(`${kind} ${was.name} is in the seal, and not of this run`)
    else if (is.sha256 !== was.sha256) {
      const where = kind === 'output' ? await whereItDiffers(was, await fileOf(was.name)) : ''
      told.push(`${kind} ${was.name} differs: ${sizes(was, is)}${where}`)
    }
  }
  return [...told, ...[...here.keys()].map((name) => `${kind} ${name} is of this run, and not in the seal`)]
}

/** None: the same flow, parameters, inputs and outputs, byte for byte. `fileOf` finds files of this run. */
export async function differencesFrom(sealed: Seal, own: Seal, fileOf: FileOf): Promise<string[]> {
  const told: string[] = []
  const uses = (of: Seal): string => JSON.stringify(Object.entries(of.flow.uses ?? {}).sort())
  if (sealed.flow.meaning !== own.flow.meaning || uses(sealed) !== uses(own))
    told.push(`the flow ${own.flow.id} does something else than the one that was sealed`)
  told.push(...parametersDiffer(sealed.parameters, own.parameters))
  told.push(...(await filesDiffer('input', sealed.inputs, own.inputs, fileOf)))
  told.push(...(await filesDiffer('output', sealed.outputs, own.outputs, fileOf)))
  if (sealed.setAside.rows !== own.setAside.rows)
    told.push(`rows set aside: ${sealed.setAside.rows} in the seal, ${own.setAside.rows} here`)
  return told
}
