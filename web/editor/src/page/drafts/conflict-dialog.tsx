// Two changed the same: both values on each field, and the person chooses.
import { useState } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { valueWords } from '../versions/diff-words.ts'
import type { DraftKeeper } from './draft-keeper.ts'
import type { DraftState } from './draft-state.ts'
import type { Side } from './merge-drafts.ts'

interface ConflictProps {
  keeper: DraftKeeper
  conflict: NonNullable<DraftState['conflict']>
  close: () => void
}

const kSide =
  'grid gap-0.5 rounded-base border border-edge px-2 py-1.5 text-left hover:bg-raised aria-pressed:border-water aria-pressed:bg-water-dim'

/** Open while it is there. What is not chosen stays as a kept draft in the history. */
export function ConflictDialog({ keeper, conflict, close }: ConflictProps) {
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(() => new Map())
  const form = conflict.open.filter((one) => !one.field).map((one) => one.conflict.where)
  const choose = (where: string, side: Side, field: boolean) => () => {
    const all = field ? [where] : form
    setChoices((now) => new Map([...now, ...all.map((one) => [one, side] as const)]))
  }
  return (
    <Dialog
      open
      close={close}
      wide
      title="Changed here and elsewhere"
      about="Everything else that both did holds. What you do not choose is kept in the history of this flow."
    >
      <ul className="grid max-h-[50vh] gap-3 overflow-auto">
        {conflict.open.map(({ conflict: one, field }) => {
          const side = choices.get(one.where) ?? 'ours'
          return (
            <li key={one.where} className="grid gap-1">
              <p>
                <span className="font-semibold">{one.where}</span>
                {!field && <span className="text-mute"> {one.message}</span>}
              </p>
              <div role="group" aria-label={one.where} className="grid grid-cols-2 gap-2">
                {(['ours', 'theirs'] as const).map((which) => (
                  <button
                    key={which}
                    type="button"
                    aria-pressed={side === which}
                    className={kSide}
                    onClick={choose(one.where, which, field)}
                  >
                    <span className="text-data text-mute">{which === 'ours' ? 'Mine' : 'Theirs'}</span>
                    <span className="font-mono text-data break-all">
                      {valueWords(which === 'ours' ? one.ours : one.theirs)}
                    </span>
                  </button>
                ))}
              </div>
            </li>
          )
        })}
      </ul>
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Later</Button>
        <Button
          look="main"
          onClick={() => {
            void keeper.settle(choices)
            close()
          }}
        >
          Take these
        </Button>
      </div>
    </Dialog>
  )
}
