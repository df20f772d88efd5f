// Parts of a page beside each other; which one is open is in the address.
import * as Tabs from '@radix-ui/react-tabs'
import type { ReactNode } from 'react'

export interface Part {
  name: string
  title: ReactNode
  body: () => ReactNode
}

const TAB =
  'h-9 border-b-2 border-transparent px-1 whitespace-nowrap text-mute hover:text-text data-[state=active]:border-water data-[state=active]:text-text'

/** Tabs; only the open part is there. */
export function PartTabs(props: { label: string; parts: readonly Part[]; open: string; show: (name: string) => void }) {
  const { label, parts, open, show } = props
  const known = parts.some((part) => part.name === open) ? open : (parts[0]?.name ?? '')
  return (
    <Tabs.Root value={known} onValueChange={show}>
      <Tabs.List aria-label={label} className="flex gap-4 overflow-x-auto border-b border-line px-4">
        {parts.map((part) => (
          <Tabs.Trigger key={part.name} value={part.name} className={TAB}>
            {part.title}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {parts.map((part) => (
        <Tabs.Content key={part.name} value={part.name}>
          {part.name === known ? part.body() : null}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  )
}
