// The flows of this browser, the newest change first, and how to delete one.
import { useState } from 'react'
import type { FlowHead } from '@weir/engine-client/storage'
import { Confirm } from '@weir/ui/confirm.tsx'
import { bytes } from '@weir/ui/figures/figures.ts'
import { Menu } from '@weir/ui/menu.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { saveText } from '@weir/ui/save-text.ts'
import type { LocalStore } from '../home/local-store.ts'

interface RecentProps {
  flows: readonly FlowHead[]
  local: LocalStore
  open: (flow: string) => void
  changed: () => void
}

export function RecentFlows({ flows, local, open, changed }: RecentProps) {
  const [asking, setAsking] = useState<FlowHead>()
  const download = async (flow: FlowHead) => {
    saveText(`${flow.id}.flow.json`, (await local.storage.flows.read(flow.id)).document, 'application/json')
  }
  const remove = async (flow: FlowHead) => {
    await local.storage.flows.bin(flow.id)
    setAsking(undefined)
    changed()
  }
  return (
    <section aria-label="Recent flows" className="grid gap-2">
      <h2 className="text-head font-semibold">Recent</h2>
      <ul className="divide-y divide-line rounded-panel border border-line bg-panel">
        {flows.map((flow) => (
          <li key={flow.id} className="flex items-center gap-3 px-3">
            <button
              type="button"
              className="grid min-w-0 flex-1 py-2 text-left hover:text-water"
              onClick={() => {
                open(flow.id)
              }}
            >
              <span className="truncate font-semibold">{flow.name}</span>
              {flow.description !== '' && <span className="truncate text-data text-mute">{flow.description}</span>}
            </button>
            <span className="whitespace-nowrap text-data text-mute max-sm:hidden">{bytes(flow.bytes)}</span>
            <span className="whitespace-nowrap text-data text-mute">
              <TimeText ms={flow.changedAt} far />
            </span>
            <Menu
              label={`More about ${flow.name}`}
              items={[
                { words: 'Download', act: () => void download(flow) },
                {
                  words: 'Delete…',
                  danger: true,
                  act: () => {
                    setAsking(flow)
                  }
                }
              ]}
            />
          </li>
        ))}
      </ul>
      {asking !== undefined && (
        <Confirm
          open
          close={() => {
            setAsking(undefined)
          }}
          title={`Delete ${asking.name}?`}
          about={`The flow and its ${asking.latestVersion} ${asking.latestVersion === 1 ? 'version' : 'versions'} go into the bin for 30 days.`}
          yes="Delete"
          act={() => void remove(asking)}
        />
      )}
    </section>
  )
}
