// The clipboard by key: the browser says copy, cut or paste, and asks nobody for leave.
import { copiedText, cutChosen, selectedOf, wordsOf } from '../actions/clipboard.ts'
import { focusOf } from '../commands/focus.ts'
import type { Tools } from '../tools.ts'
import { pasteText } from './paste-here.ts'

/** Whether the clipboard is the canvas's now: it has the focus, or nothing has. */
function isOurs(event: ClipboardEvent): boolean {
  const focus = focusOf(event)
  return !event.defaultPrevented && (focus === 'canvas' || document.activeElement === document.body)
}

/** Follows the clipboard; gives what ends that. */
export function listenToClipboard(tools: Tools): () => void {
  const { session } = tools
  const put = (event: ClipboardEvent, cut: boolean): void => {
    // Text that is marked on the page is what is meant.
    if (!isOurs(event) || getSelection()?.isCollapsed === false) return
    const text = copiedText(session)
    if (text === undefined || event.clipboardData === null) return
    const { readOnly = '' } = session.options
    event.preventDefault()
    event.clipboardData.setData('text/plain', text)
    if (cut && readOnly === '') cutChosen(session)
    else session.tell(cut ? readOnly : `Copied ${wordsOf(selectedOf(session))} as text.`, cut ? 'warning' : 'info')
  }
  const copied = (event: ClipboardEvent): void => {
    put(event, false)
  }
  const cut = (event: ClipboardEvent): void => {
    put(event, true)
  }
  const pasted = (event: ClipboardEvent): void => {
    if (!isOurs(event) || event.clipboardData === null || event.clipboardData.files.length > 0) return
    event.preventDefault()
    const { readOnly = '' } = session.options
    if (readOnly === '') void pasteText(tools, event.clipboardData.getData('text/plain'))
    else session.tell(readOnly, 'warning')
  }
  document.addEventListener('copy', copied)
  document.addEventListener('cut', cut)
  document.addEventListener('paste', pasted)
  return () => {
    document.removeEventListener('copy', copied)
    document.removeEventListener('cut', cut)
    document.removeEventListener('paste', pasted)
  }
}
