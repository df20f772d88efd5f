// StoragePanel: how much of this browser's room the page uses and by what; export, import and deletion.
import type { BrowserStorage, StoragePart, StorageUsage } from '@weir/engine-client/storage'
import { exportAll, exportName, importAll } from '@weir/engine-client/storage/archive'
import { button, make, write } from './elements.ts'
import { bytesText, countText } from './figures-text.ts'

/** How a part is called, one and many; caches are not counted. */
const WORDS: Record<StoragePart['name'], readonly [string, string]> = {
  flows: ['flow', 'flows'],
  runs: ['run', 'runs'],
  recordings: ['recording', 'recordings'],
  outputs: ['written file', 'written files'],
  checkpoints: ['checkpoint', 'checkpoints'],
  caches: ['this page for offline', 'this page for offline']
}

export class StoragePanel {
  readonly element: HTMLElement
  private readonly words = make('p', { class: 'mute', 'data-storage': 'usage' }, 'Measuring…')
  private readonly level = make('div', { class: 'bar' })
  private readonly parts = make('ul', { class: 'parts' })
  private readonly kept = make('p', { class: 'faint' })
  private readonly answer = make('p', { class: 'answer', role: 'status' })
  private readonly keep = button('Ask to keep it', () => void this.act(() => this.persist()))

  constructor(private readonly storage: BrowserStorage) {
    const input = make('input', { type: 'file', accept: '.zip', id: 'import', class: 'hidden-input' })
    input.addEventListener('change', () => {
      const file = input.files?.[0]
      if (file) void this.act(() => this.takeIn(file))
      input.value = ''
    })
    this.element = make(
      'section',
      { class: 'storage', 'aria-label': 'Storage' },
      make('h2', {}, 'Storage'),
      this.words,
      make('div', { class: 'progress' }, this.level),
      this.parts,
      this.kept,
      make(
        'div',
        { class: 'line' },
        this.keep,
        button('Export all', () => void this.act(() => this.giveOut())),
        make('label', { class: 'button' }, 'Import', input),
        button('Delete written files', () => void this.act(() => this.deleteWritten()))
      ),
      this.answer
    )
    void this.act(() => Promise.resolve(''))
  }

  /** Measures anew: a run may have written. */
  refresh(): void {
    void this.storage.usage().then((usage) => {
      this.show(usage)
    })
  }

  private show({ usedBytes, quotaBytes, isPersistent, parts }: StorageUsage): void {
    const whole = quotaBytes > 0 ? ` of ${bytesText(quotaBytes)} that this browser gives the page` : ''
    write(this.words, `${bytesText(usedBytes)} used${whole}.`)
    const share = quotaBytes > 0 ? Math.min(1, usedBytes / quotaBytes) : 0
    this.level.style.transform = `scaleX(${share.toFixed(4)})`
    const used = parts.filter((part) => part.count > 0 || part.bytes > 0)
    this.parts.replaceChildren(...used.map(partLine))
    write(
      this.kept,
      isPersistent ? '✓ Kept until you delete it.' : '▲ The browser may delete it when the disk is full.'
    )
    this.kept.className = isPersistent ? 'good' : 'warn'
    this.keep.hidden = isPersistent
  }

  /** Does what was pressed, says how it went, and measures anew. */
  private async act(what: () => Promise<string>): Promise<void> {
    try {
      write(this.answer, await what())
    } catch (reason) {
      write(this.answer, `✕ ${reason instanceof Error ? reason.message : String(reason)}`)
    }
    this.show(await this.storage.usage())
  }

  private async persist(): Promise<string> {
    const isKept = await this.storage.persist()
    return isKept ? '' : 'The browser refused. It often grants this to pages that are installed.'
  }

  private async giveOut(): Promise<string> {
    const file = await new Response(exportAll(this.storage)).blob()
    const url = URL.createObjectURL(file)
    const name = exportName()
    const link = make('a', { href: url, download: name })
    link.click()
    // The download has begun with the click; its address is needed until it has been read.
    setTimeout(() => {
      URL.revokeObjectURL(url)
    }, 60_000)
    return `✓ ${name}, ${bytesText(file.size)}. Secrets are not in it.`
  }

  private async takeIn(file: File): Promise<string> {
    const { flows, runs, recordings } = await importAll(this.storage, file)
    const found = [countText(flows.length, 'flow'), countText(runs, 'run'), countText(recordings, 'recording')]
    return `✓ Taken in: ${found.join(', ')}.`
  }

  private async deleteWritten(): Promise<string> {
    const gone = await this.storage.deleteOutputs()
    return gone.length === 0 ? 'Nothing was written yet.' : '✓ What runs have written is deleted.'
  }
}

function partLine({ name, count, bytes }: StoragePart): HTMLElement {
  const [one, many] = WORDS[name]
  return make('li', {}, count > 0 ? countText(count, one, many) : many, make('span', {}, bytesText(bytes)))
}
