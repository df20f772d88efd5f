// Commands: everything that can be gone to or done, found by typing a part of its name.
import { Command } from 'cmdk'
import { useNavigate } from 'react-router'
import { forgetSession, server } from '../api/server.ts'
import { useChange } from '../api/use-change.ts'
import { useSigned } from '../api/session.ts'
import { useGet } from '../api/use-get.ts'
import { usePreferences, type Theme } from '@weir/ui/preferences.ts'
import { Dialog } from '@weir/ui/dialog.tsx'
import { PLACES } from './places.ts'

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'Theme: as the machine'],
  ['dark', 'Theme: dark'],
  ['light', 'Theme: light'],
  ['contrast', 'Theme: high contrast']
]
const ITEM = 'flex items-center gap-3 rounded-base px-2 py-1.5 cursor-pointer data-[selected=true]:bg-water-dim'

/** The dialog of Ctrl+K. */
export function Commands({ open, close, keys }: { open: boolean; close: () => void; keys: () => void }) {
  return (
    <Dialog open={open} close={close} title="Commands">
      <CommandList close={close} keys={keys} />
    </Dialog>
  )
}

function CommandList({ close, keys }: { close: () => void; keys: () => void }) {
  const signed = useSigned()
  const navigate = useNavigate()
  const flows = useGet('/api/v1/flows', { query: { limit: 500, order: 'name' } })
  const choose = usePreferences((preferences) => preferences.choose)
  const leave = useChange({
    work: () => server.ask('delete', '/api/v1/session'),
    changes: [],
    after: () => {
      forgetSession()
    }
  })
  const go = (path: string) => () => {
    close()
    void navigate(path)
  }
  return (
    <Command label="Commands" loop className="grid gap-2">
      <Command.Input className="field" placeholder="Where to, or what to do" autoFocus />
      <Command.List className="max-h-[46vh] overflow-auto">
        <Command.Empty className="p-3 text-mute">Nothing has that in its name.</Command.Empty>
        <Command.Group heading="Go to" className="text-base">
          {PLACES.filter((place) => place.seen(signed)).map((place) => (
            <Command.Item key={place.path} value={`Go to ${place.name}`} onSelect={go(place.path)} className={ITEM}>
              {place.name}
              <kbd className="ml-auto text-data text-mute">{place.keys}</kbd>
            </Command.Item>
          ))}
        </Command.Group>
        <Command.Group heading="Runs of a flow">
          {flows.data?.flows.map((flow) => (
            <Command.Item
              key={flow.id}
              value={`Runs of ${flow.name} ${flow.id}`}
              onSelect={go(`/runs?flow=${encodeURIComponent(flow.id)}`)}
              className={ITEM}
            >
              {flow.name}
              <span className="ml-auto text-data text-mute">{flow.folder}</span>
            </Command.Item>
          ))}
        </Command.Group>
        <Command.Group heading="Do">
          {THEMES.map(([theme, name]) => (
            <Command.Item
              key={theme}
              value={name}
              className={ITEM}
              onSelect={() => {
                choose({ theme })
                close()
              }}
            >
              {name}
            </Command.Item>
          ))}
          <Command.Item value="Keys" className={ITEM} onSelect={keys}>
            Keys <kbd className="ml-auto text-data text-mute">?</kbd>
          </Command.Item>
          <Command.Item
            value="Sign out"
            className={ITEM}
            onSelect={() => {
              leave.mutate(undefined)
            }}
          >
            Sign out
          </Command.Item>
        </Command.Group>
      </Command.List>
    </Command>
  )
}
