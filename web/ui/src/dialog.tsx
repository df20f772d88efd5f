// A dialog: a question or a small form above the page.
import * as Radix from '@radix-ui/react-dialog'
import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

interface DialogProps {
  open: boolean
  close: () => void
  title: string
  /** What it is about, in a sentence. */
  about?: string
  wide?: boolean
  children: ReactNode
}

/** Above the page, closed by Esc; the focus goes back to where it was. */
export function Dialog({ open, close, title, about = '', wide = false, children }: DialogProps) {
  return (
    <Radix.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) close()
      }}
    >
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-bg/70" />
        <Radix.Content
          className={`fixed left-1/2 top-[12vh] z-50 grid max-h-[80vh] w-[calc(100vw-32px)] -translate-x-1/2 gap-4 overflow-auto rounded-panel border border-edge bg-panel p-4 shadow-base ${
            wide ? 'max-w-[720px]' : 'max-w-[460px]'
          }`}
          {...(about === '' ? { 'aria-describedby': undefined } : {})}
        >
          <div className="flex items-start gap-3">
            <div className="grid gap-1">
              <Radix.Title className="text-head font-semibold">{title}</Radix.Title>
              {about !== '' && <Radix.Description className="text-mute">{about}</Radix.Description>}
            </div>
            <Radix.Close className="ml-auto rounded-base p-1 text-mute hover:text-text" aria-label="Close">
              <Icon name="close" />
            </Radix.Close>
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
