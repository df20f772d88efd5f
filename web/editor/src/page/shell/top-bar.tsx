// The top bar: which flow, which run and where, what is wrong with it, and the one button.
import type { ReactNode } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { Mark } from '@weir/ui/mark.tsx'
import { Menu } from '@weir/ui/menu.tsx'
import type { MenuItem } from '@weir/ui/menu.tsx'
import type { RunWish } from '../run-actions.ts'
import { PlaceSwitch, RunButton } from './run-button.tsx'
import { RunCount, RunName, RunProgress, RunTrouble } from './run-line.tsx'

interface TopBarProps {
  name: string
  items: readonly MenuItem[]
  leave: () => void
  act: (wish: RunWish) => void
  /** What keeps a version: *Save version…* or *Publish…*; absent where one may not. */
  keep?: { words: string; act: () => void }
  account?: ReactNode
}

/** On a phone: name, run and the button; the rest goes into the menu and the parts below. */
export function TopBar({ name, items, leave, act, keep, account }: TopBarProps) {
  return (
    <header className="relative flex min-h-(--bar) shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-4 py-1">
      <button type="button" aria-label="To the flows" className="rounded-base" onClick={leave}>
        <Mark />
      </button>
      <h1 className="min-w-0 max-w-[32ch] truncate text-base font-semibold" title={name}>
        {name}
      </h1>
      <Menu label={`More about ${name}`} items={items} />
      <RunName />
      <PlaceSwitch />
      <div className="ml-auto flex min-w-0 flex-wrap items-center justify-end gap-3">
        <RunTrouble />
        <RunCount />
        <RunButton act={act} />
        {keep !== undefined && (
          <Button onClick={keep.act} className="max-sm:hidden">
            {keep.words}
          </Button>
        )}
        {account}
      </div>
      <RunProgress />
    </header>
  )
}
