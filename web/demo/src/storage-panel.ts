// StoragePanel: how much of this browser's room the page uses, and what can be done about it.
import { button, make, write } from './elements.ts'
import { bytesText } from './figures-text.ts'

/** A button of the panel; what it answers is shown. */
export interface StorageAction {
  text: string
  run: () => Promise<string>
}

export class StoragePanel {
  readonly element: HTMLElement
  private readonly words = make('p', { class: 'mute', 'data-storage': 'usage' }, 'Measuring…')
  private readonly level = make('div', { class: 'bar' })
  private readonly kept = make('p', { class: 'faint' })
  private readonly answer = make('p', { class: 'answer', role: 'status' })
  private readonly keep = button('Ask to keep it', () => void this.persist())

  constructor(actions: readonly StorageAction[]) {
    const buttons = [...actions, { text: 'Delete written files', run: deleteWritten }].map((action) =>
      button(action.text, () => void this.act(action))
    )
    this.element = make(
      'section',
      { class: 'storage', 'aria-label': 'Storage' },
      make('h2', {}, 'Storage'),
      this.words,
      make('div', { class: 'progress' }, this.level),
      this.kept,
      make('div', { class: 'line' }, this.keep, ...buttons),
      this.answer
    )
    void this.refresh()
  }

  async refresh(): Promise<void> {
    const storage = navigator.storage as StorageManager | undefined
    if (!storage) {
      write(this.words, 'This browser does not say how much room there is.')
      this.keep.hidden = true
      return
    }
    const { usage = 0, quota = 0 } = await storage.estimate()
    write(this.words, `${bytesText(usage)} used of ${bytesText(quota)} that this browser gives the page.`)
    this.level.style.transform = `scaleX(${quota > 0 ? Math.min(1, usage / quota).toFixed(4) : 0})`
    const persisted = await storage.persisted()
    write(
      this.kept,
      persisted ? '✓ The browser keeps it until you delete it.' : '▲ The browser may delete it when the disk is full.'
    )
    this.kept.className = persisted ? 'good' : 'warn'
    this.keep.hidden = persisted
  }

  private async persist(): Promise<void> {
    const granted = await navigator.storage.persist()
    write(this.answer, granted ? '' : 'The browser refused. It often grants this to pages that are installed.')
    await this.refresh()
  }

  private async act({ run }: StorageAction): Promise<void> {
    try {
      write(this.answer, await run())
    } catch (reason) {
      write(this.answer, `✕ ${reason instanceof Error ? reason.message : String(reason)}`)
    }
    await this.refresh()
  }
}

async function deleteWritten(): Promise<string> {
  const root = await navigator.storage.getDirectory()
  try {
    await root.removeEntry('demo', { recursive: true })
    return '✓ What runs have written is deleted.'
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === 'NotFoundError') return 'Nothing was written yet.'
    throw new Error('Some file is still being written; stop the run first.', { cause: reason })
  }
}
