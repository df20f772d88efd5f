// A menu of things to do with one thing, behind three dots.
import * as Radix from '@radix-ui/react-dropdown-menu'
import { Icon } from './icon.tsx'

export interface MenuItem {
  words: string
  act: () => void
  danger?: boolean
}

/** A menu; without items there is none. */
export function Menu({ label, items }: { label: string; items: readonly MenuItem[] }) {
  if (items.length === 0) return null
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger className="rounded-base p-1 text-mute hover:bg-raised hover:text-text" aria-label={label}>
        <Icon name="more" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="end"
          sideOffset={4}
          className="z-50 min-w-[160px] rounded-base border border-edge bg-panel p-1 shadow-base"
        >
          {items.map((item) => (
            <Radix.Item
              key={item.words}
              onSelect={item.act}
              className={`cursor-pointer rounded-base px-2 py-1.5 outline-none data-[highlighted]:bg-water-dim ${
                item.danger === true ? 'text-error' : ''
              }`}
            >
              {item.words}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
