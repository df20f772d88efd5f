// The settings of a node whose type is not known: as JSON, kept as they are.
import type { FlowNode } from '@weir/flow-model'
import { useId, useState } from 'react'
import { DraftInput } from '../form/draft-input.tsx'
import { slotAt } from '../form/slot.ts'
import type { FormTarget } from '../form/slot.ts'

export function RawSettings({ target, node }: { target: FormTarget; node: FlowNode }) {
  const id = useId()
  const [wrong, setWrong] = useState('')
  const slot = slotAt(target, '/settings', 'settings')
  return (
    <div className="grid gap-1">
      <p className="text-data text-warn">
        <span aria-hidden="true">▲</span> The type {node.typeId} {node.version} is not known here. All that it has is
        kept.
      </p>
      <label htmlFor={id} className="text-data text-mute">
        Settings as JSON
      </label>
      <DraftInput
        id={id}
        type="map"
        value={slot.value}
        placeholder="{}"
        invalid={wrong !== ''}
        described={undefined}
        disabled={false}
        lines={10}
        set={slot.set}
        tellWrong={setWrong}
      />
      {wrong !== '' && <p className="text-small text-error">✕ {wrong}</p>}
    </div>
  )
}
