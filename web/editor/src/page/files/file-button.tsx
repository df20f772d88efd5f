// Buttons that open the browser's own dialog for files or a folder. What it will say is said where they stand.
import { useRef } from 'react'
import { Button } from '@weir/ui/button.tsx'
import type { Dropped } from '@weir/engine-client/browser'
import { errorOf } from '../versions/use-work.ts'
import { filesOfFolder, filesOfInput, folderPicker } from './pick-folder.ts'

interface FileButtonProps {
  words: string
  accept?: string
  /** A folder is asked for. */
  folder?: boolean
  look?: 'plain' | 'quiet'
  take: (files: File[]) => void
}

/** Opens the dialog of an input. */
export function FileButton({ words, accept, folder = false, look = 'plain', take }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        className="hidden"
        aria-label={words}
        accept={accept}
        multiple={accept === undefined}
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])]
          event.target.value = ''
          if (files.length > 0) take(files)
        }}
      />
      <Button look={look} onClick={() => input.current?.click()}>
        {words}
      </Button>
    </>
  )
}

/** A folder that the browser can come back to, or its files where it cannot. `take` gets nothing if the person gave none. */
export function FolderButton({ words, take }: { words: string; take: (given: Promise<Dropped>) => void }) {
  const pick = folderPicker()
  if (pick === undefined)
    return (
      <FileButton
        words={words}
        folder
        take={(files) => {
          take(Promise.resolve(filesOfInput(files)))
        }}
      />
    )
  return (
    <Button
      onClick={() => {
        pick().then(
          (root) => {
            take(filesOfFolder(root))
          },
          (reason: unknown) => {
            // Who closes the dialog wants nothing.
            if (!(reason instanceof DOMException && reason.name === 'AbortError')) take(Promise.reject(errorOf(reason)))
          }
        )
      }}
    >
      {words}
    </Button>
  )
}
