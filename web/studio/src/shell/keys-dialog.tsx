// The list of keys.
import { Dialog } from '@weir/ui/dialog.tsx'
import { KEYS } from './keys.ts'

/** All keys and what they do. */
export function KeysDialog({ open, close }: { open: boolean; close: () => void }) {
  return (
    <Dialog open={open} close={close} title="Keys" about="Letters count where nothing is being written.">
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {KEYS.map((key) => (
          <div key={key.keys} className="contents">
            <dt>
              <kbd className="rounded-base border border-edge px-1.5 text-data">{key.keys}</kbd>
            </dt>
            <dd>{key.does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
