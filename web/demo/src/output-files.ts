// OutputFiles: what a run has written, with its first lines; to open, download and copy.
import { button, make } from './elements.ts'
import { bytesText } from './figures-text.ts'

const SHOWN_BYTES = 4000
/** More is not put into the clipboard. */
const MOST_COPIED = 1_000_000

export interface WrittenFile {
  name: string
  file: File
}

const kept = new Set<string>()

function addressOf(file: Blob): string {
  const url = URL.createObjectURL(file)
  kept.add(url)
  return url
}

/** The addresses of files that are not shown any more hold their files no longer. */
export function releaseFiles(): void {
  for (const url of kept) URL.revokeObjectURL(url)
  kept.clear()
}

export function downloadLink(file: File, text: string): HTMLAnchorElement {
  const name = file.name.split('/').at(-1) ?? file.name
  return make('a', { class: 'button', href: addressOf(file), download: name }, text)
}

/** What lies in `out` of a folder of the private file system. */
export async function writtenFiles(path: string): Promise<WrittenFile[]> {
  try {
    let folder = await navigator.storage.getDirectory()
    for (const part of [...path.split('/'), 'out']) folder = await folder.getDirectoryHandle(part)
    const found: WrittenFile[] = []
    for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
      if (handle.kind !== 'file' || name.startsWith('.')) continue
      found.push({ name: `out/${name}`, file: await (handle as FileSystemFileHandle).getFile() })
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    // There is no private file system here, or nothing was written.
    return []
  }
}

export async function fileCard({ name, file }: WrittenFile): Promise<HTMLElement> {
  const text = await file.slice(0, SHOWN_BYTES).text()
  const plain = new Blob([file], { type: 'text/plain; charset=utf-8' })
  const copy = button('Copy', () => {
    void copyText(file, copy)
  })
  const more = file.size > SHOWN_BYTES ? `, the first ${bytesText(SHOWN_BYTES)} shown` : ''
  return make(
    'section',
    { class: 'file' },
    make(
      'div',
      { class: 'line' },
      make('h3', {}, `Written: ${name}`),
      make('span', { class: 'faint' }, `${bytesText(file.size)}${more} · kept in this browser`),
      make('a', { class: 'button', href: addressOf(plain), target: '_blank', rel: 'noopener' }, 'Open'),
      downloadLink(file, 'Download'),
      copy
    ),
    make(
      'pre',
      { tabindex: '0', role: 'region', 'aria-label': `Beginning of ${name}` },
      file.size === 0 ? '(empty)' : text
    )
  )
}

async function copyText(file: File, from: HTMLElement): Promise<void> {
  const before = 'Copy'
  try {
    if (file.size > MOST_COPIED) from.textContent = 'Too large'
    else {
      await navigator.clipboard.writeText(await file.text())
      from.textContent = 'Copied'
    }
  } catch {
    from.textContent = 'Not allowed'
  }
  setTimeout(() => {
    from.textContent = before
  }, 2000)
}
