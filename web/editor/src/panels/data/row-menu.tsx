// The menu of a row of the table: where it goes, and the rows that it was made of.
import * as Radix from '@radix-ui/react-dropdown-menu'
import type { MenuItem } from '@weir/ui/menu.tsx'
import type { EditorSession } from '../../session/editor-session.ts'
import type { Behind } from './offers.ts'
import { askWhereItGoes, edgeOf, lineageOf, showBehind } from './row-actions.ts'
import type { RowTable } from './row-table.ts'

/** What can be asked of a row. Of what keeps no lineage, the reason is told when it is asked. */
export function rowItems(
  session: EditorSession,
  behind: Behind,
  table: RowTable,
  row: number,
  zone: string
): MenuItem[] {
  const edge = edgeOf(session, behind)
  const goes = {
    words: 'Where does this row go?',
    act: () => {
      if (edge !== undefined) askWhereItGoes(session, edge, table, row)
    }
  }
  const { behind: inputs, why } = lineageOf(session, behind, table, row, zone)
  const made = inputs.map((one) => ({
    words: inputs.length === 1 ? 'Rows behind it' : `Rows behind it from ${one.from}`,
    act: () => {
      showBehind(session, one)
    }
  }))
  const asked =
    why === ''
      ? made
      : [
          {
            words: 'Rows behind it',
            act: () => {
              session.tell(why)
            }
          }
        ]
  return edge === undefined ? asked : [goes, ...asked]
}

interface RowMenuProps {
  screen: { x: number; y: number }
  items: readonly MenuItem[]
  close: () => void
}

export function RowMenu({ screen, items, close }: RowMenuProps) {
  return (
    <Radix.Root
      key={`${String(screen.x)} ${String(screen.y)}`}
      open
      modal={false}
      onOpenChange={(open) => {
        if (!open) close()
      }}
    >
      <Radix.Trigger asChild>
        <span
          aria-hidden="true"
          tabIndex={-1}
          className="pointer-events-none fixed size-0"
          style={{ left: screen.x, top: screen.y }}
        />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="start"
          sideOffset={2}
          collisionPadding={8}
          aria-label="Menu of the row"
          className="z-50 min-w-[200px] rounded-base border border-edge bg-panel p-1 shadow-base"
        >
          {items.map(({ words, act }) => (
            <Radix.Item
              key={words}
              className="cursor-pointer rounded-base px-2 py-1 outline-none data-[highlighted]:bg-water-dim"
              onSelect={act}
            >
              {words}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
