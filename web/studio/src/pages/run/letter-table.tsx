// The table of rows that were set aside.
import type { DeadLetter } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { ZoneHead } from '@weir/ui/zone-head.tsx'

interface LetterTableProps {
  letters: readonly DeadLetter[]
  picked: readonly number[]
  pick: (number: number, on: boolean) => void
  /** Opens a row to be mended; null for those who may not. */
  edit: ((letter: DeadLetter) => void) | null
}

/** One row a letter: where and why it failed, and the row itself. */
export function LetterTable({ letters, picked, pick, edit }: LetterTableProps) {
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">
            <span className="sr-only">Pick</span>
          </th>
          <th scope="col" className="figure">
            No
          </th>
          <th scope="col">
            <ZoneHead>Failed</ZoneHead>
          </th>
          <th scope="col">At</th>
          <th scope="col">Why</th>
          <th scope="col">Row</th>
          <th scope="col">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {letters.map((letter) => (
          <tr key={letter.number}>
            <td className="w-0">
              <input
                type="checkbox"
                className="size-4 accent-water"
                aria-label={`Pick row ${letter.number}`}
                checked={picked.includes(letter.number)}
                onChange={(event) => {
                  pick(letter.number, event.target.checked)
                }}
              />
            </td>
            <td className="figure w-0">{letter.number}</td>
            <td className="w-0 whitespace-nowrap">
              {letter.time === undefined ? '' : <TimeText ms={Date.parse(letter.time)} />}
            </td>
            <td className="w-0">{letter.nodeId}</td>
            <td className="max-w-[40ch]">
              <span className="block truncate text-error" title={letter.message}>
                {letter.message.split('\n')[0]}
              </span>
              <span className="text-mute">{letter.code}</span>
            </td>
            <td className="max-w-[48ch]">
              <span
                className="block truncate"
                title={letter.row === undefined ? '' : JSON.stringify(letter.row, null, 2)}
              >
                {letter.row === undefined ? (
                  <span className="text-mute">not yours to see</span>
                ) : (
                  JSON.stringify(letter.row)
                )}
              </span>
              {letter.edited === true && <StateBadge tone="ok">mended</StateBadge>}
            </td>
            <td className="w-0">
              {edit !== null && letter.row !== undefined && (
                <Button
                  aria-label={`Mend row ${letter.number}`}
                  onClick={() => {
                    edit(letter)
                  }}
                >
                  Mend
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
