// Paste: text from anywhere becomes the nodes that it asks for, as one step that undo takes back, with a report.
import { FreshIds, paste, refusePaste, snap } from '@weir/flow-model'
import type { Operation, PastedFile, PasteResult, Point } from '@weir/flow-model'
import { placeMeant } from '../actions/insert.ts'
import type { Tools } from '../tools.ts'

/** From a menu or by name: the browser may ask the person, or refuse. */
export async function pasteClipboard(tools: Tools): Promise<void> {
  const at = placeMeant(tools)
  let text: string
  try {
    text = await navigator.clipboard.readText()
  } catch {
    tools.session.tell('The browser does not let a menu read the clipboard: press Ctrl+V.', 'warning')
    return
  }
  await pasteText(tools, text, at)
}

/** The ids that operations add, as they are chosen afterwards. */
function added(operations: readonly Operation[]) {
  return operations.flatMap((operation) => {
    const id = operation.op === 'add' ? operation.value.get('id') : undefined
    return operation.op === 'add' && operation.kind !== 'edges' && typeof id === 'string'
      ? [{ kind: operation.kind, id }]
      : []
  })
}

/** With the path of the engine's before each path of a file that a new node reads. */
function readingFrom(operations: readonly Operation[], files: readonly PastedFile[], prefix: string): Operation[] {
  const paths = new Set(files.map((file) => file.path))
  return operations.map((operation) => {
    const settings = operation.op === 'add' ? operation.value.get('settings') : undefined
    const path = settings instanceof Map ? (settings.get('path') as unknown) : undefined
    if (operation.op !== 'add' || !(settings instanceof Map) || typeof path !== 'string' || !paths.has(path))
      return operation
    return {
      ...operation,
      value: new Map([...operation.value, ['settings', new Map([...settings, ['path', prefix + path]])]])
    }
  })
}

/** Gives the text of files to the engine; undefined if there is none that takes them. */
async function giveFiles(tools: Tools, files: readonly PastedFile[]): Promise<string | undefined> {
  const take = tools.page?.takeFiles
  if (take === undefined) return undefined
  const given = files.map(({ path, text }) => ({ path, file: new File([text], path.slice(path.lastIndexOf('/') + 1)) }))
  return take(tools.session.document.id, { files: given, unreadable: [], more: false })
}

/** Makes what the text asks for, at `at` or where the pointer is. Told what it was, and what was left out. */
export async function pasteText(tools: Tools, text: string, at: Point = placeMeant(tools)): Promise<void> {
  const { session } = tools
  const refused = refusePaste(text)
  if (refused !== '' || text.trim() === '') {
    session.tell(refused === '' ? 'There is no text on the clipboard.' : refused, 'warning')
    return
  }
  const ids = new FreshIds(session.document, session.options.author)
  const { document, catalogue } = session
  const result = paste(text, { document, catalogue, ids, at: { x: snap(at.x), y: snap(at.y) } })
  if (result === undefined || result.operations.length === 0) {
    session.tell('Nothing could be made of this text: no node here reads it.', 'warning')
    return
  }
  try {
    const prefix = result.files.length === 0 ? '' : await giveFiles(tools, result.files)
    enter(tools, result, prefix)
  } catch (error) {
    session.tell(error instanceof Error ? error.message : String(error), 'error')
  }
}

function enter(tools: Tools, result: PasteResult, prefix: string | undefined): void {
  const { session } = tools
  const { files, report, warnings } = result
  const operations = prefix === undefined ? result.operations : readingFrom(result.operations, files, prefix)
  const done = session.do(operations, `Paste ${report[0] ?? ''}`.trim())
  if (done.gesture === undefined) return
  session.selection.set(added(operations).filter(({ kind, id }) => session.document.tables[kind].has(id)))
  const made = report.filter((line) => line !== '')
  const left = [...warnings, ...done.refusals.map(({ message }) => message)]
  const unwritten = prefix === undefined ? files : []
  if (left.length + unwritten.length === 0) session.tell(`Pasted: ${made.join(', ')}.`)
  else tools.ui.setState({ report: { made, left, files: unwritten } })
}
