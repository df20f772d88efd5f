// The keys of the editor among the settings: the same list as its sheet of `?`, loaded when it is opened.
import { lazy, Suspense, useState } from 'react'
import { Section } from '@weir/ui/section.tsx'
import { Loading } from '@weir/ui/states.tsx'

const KeyTable = lazy(async () => ({ default: (await import('@weir/editor/tools')).KeyTable }))

/** Folded until it is asked for: it brings the editor with it. */
export function EditorKeys() {
  const [open, setOpen] = useState(false)
  return (
    <Section title="Keys of the editor">
      <div className="grid max-w-[720px] gap-2 px-4">
        <div>
          <button
            type="button"
            aria-expanded={open}
            className="text-water hover:underline"
            onClick={() => {
              setOpen(!open)
            }}
          >
            {open ? 'Close the list' : 'See and change them'}
          </button>
        </div>
        {open && (
          <Suspense fallback={<Loading what="the keys" />}>
            <KeyTable />
          </Suspense>
        )}
      </div>
    </Section>
  )
}
