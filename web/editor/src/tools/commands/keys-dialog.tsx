// The sheet of `?`: every key and what it does; each can be given another.
import { useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { usePart } from '../../session/use-session.ts'
import { useTools } from '../tools.ts'
import { kBindings } from './bindings.ts'
import type { Command } from './command.ts'
import { isMac, keyText, keyWords } from './key-text.ts'
import { kCommands } from './table.ts'

/** Nothing while it is not asked for. */
export function KeysDialog() {
  const tools = useTools()
  const open = usePart(tools.ui, (state) => state.open === 'keys')
  return (
    <Dialog
      open={open}
      wide
      title="Keys"
      about="Letters count with the focus on the canvas. F5, Ctrl R, Alt ← → and Tab keep what they mean in the browser."
      close={() => {
        tools.show(undefined)
      }}
    >
      <KeyTable />
    </Dialog>
  )
}

/** All keys by group; also for the page of settings. */
export function KeyTable() {
  const changed = usePart(kBindings.store, (state) => state.changed)
  const [taking, setTaking] = useState<string>()
  const groups = [...new Set(kCommands.map((command) => command.group))]
  return (
    <div className="grid gap-4">
      {groups.map((group) => (
        <section key={group} aria-labelledby={`keys-${group}`}>
          <h3 id={`keys-${group}`} className="border-b border-line pb-1 text-small font-semibold text-mute">
            {group}
          </h3>
          <ul className="grid">
            {kCommands
              .filter((command) => command.group === group)
              .map((command) => (
                <KeyLine
                  key={command.id}
                  command={command}
                  taking={taking === command.id}
                  take={(on) => {
                    setTaking(on ? command.id : undefined)
                  }}
                />
              ))}
          </ul>
        </section>
      ))}
      {Object.keys(changed).length > 0 && (
        <div>
          <Button
            onClick={() => {
              kBindings.resetAll()
            }}
          >
            All keys as they were at first
          </Button>
        </div>
      )}
      <p className="text-mute">
        Space held pans, the wheel moves, Ctrl with the wheel zooms. Pressed in a dialog, a table or a field, keys are
        theirs.
      </p>
    </div>
  )
}

interface LineProps {
  command: Command
  taking: boolean
  take: (on: boolean) => void
}

function KeyLine({ command, taking, take }: LineProps) {
  const keys = kBindings.keysOf(command)
  const button = useRef<HTMLButtonElement>(null)
  const end = (): void => {
    take(false)
    button.current?.focus()
  }
  return (
    <li className="grid min-h-8 grid-cols-[1fr_auto_7rem] items-center gap-3 border-b border-line/60">
      <span>
        {command.label}
        {kBindings.isChanged(command) && <span className="ml-2 text-small text-water">changed</span>}
      </span>
      <span className="flex gap-1">
        {keys.map((key) => (
          <kbd key={key} className="rounded-base border border-edge px-1.5 text-data">
            {keyWords(key, isMac())}
          </kbd>
        ))}
        {keys.length === 0 && <span className="text-small text-faint">no key</span>}
      </span>
      <span className="flex justify-end">
        {command.fixed !== true && (
          <button
            ref={button}
            type="button"
            aria-label={`Change the key of ${command.label}`}
            aria-expanded={taking}
            className="rounded-base px-2 py-0.5 text-mute hover:bg-raised hover:text-text"
            onClick={() => {
              take(!taking)
            }}
          >
            Change
          </button>
        )}
      </span>
      {taking && <TakeKey command={command} end={end} />}
    </li>
  )
}

/** Waits for the key that is to be the command's; says who has it and why it cannot be. */
function TakeKey({ command, end }: { command: Command; end: () => void }) {
  const [key, setKey] = useState('')
  const conflict = key === '' ? undefined : kBindings.conflict(command, key)
  const give = (wanted: string): void => {
    kBindings.set(command, wanted)
    end()
  }
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    const text = keyText(event.nativeEvent, isMac())
    if (text === '' || text === 'Tab' || text === 'Shift+Tab' || text === 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    setKey(text)
    if (kBindings.conflict(command, text) === undefined) give(text)
  }
  return (
    <div className="col-span-3 flex flex-wrap items-center gap-2 pb-2">
      <input
        autoFocus
        readOnly
        aria-label={`New key of ${command.label}`}
        placeholder="Press the new key"
        className="field w-44"
        value={key === '' ? '' : keyWords(key, isMac())}
        onKeyDown={press}
      />
      {conflict?.other !== undefined && (
        <Button
          onClick={() => {
            give(key)
          }}
        >
          Take it
        </Button>
      )}
      {kBindings.isChanged(command) && (
        <Button
          look="quiet"
          onClick={() => {
            kBindings.reset(command)
            end()
          }}
        >
          As at first
        </Button>
      )}
      <Button look="quiet" onClick={end}>
        Cancel
      </Button>
      <span role="status" className="text-warn">
        {conflict !== undefined && (
          <>
            <span aria-hidden="true">▲ </span>
            {conflict.reason}
          </>
        )}
      </span>
    </div>
  )
}
