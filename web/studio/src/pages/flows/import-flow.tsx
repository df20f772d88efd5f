// Takes a flow from a file of this machine into a folder of the server.
import { useRef, useState } from 'react'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import type { Schemas } from '../../api/routes.ts'

/** A button, then a question into which folder. */
export function ImportFlow({ folders }: { folders: readonly string[] }) {
  const { me, mayIn } = useSigned()
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File | null>(null)
  const places = [...new Set(['', ...folders, ...me.grants.map((grant) => grant.folder)])].filter((folder) =>
    mayIn('flow.edit', folder)
  )
  const [folder, setFolder] = useState(places[0] ?? '')
  const close = () => {
    setFile(null)
  }
  const keep = useChange({
    work: async (taken: File) => {
      let document: unknown
      try {
        document = JSON.parse(await taken.text())
      } catch (error) {
        throw new Error(`${taken.name} is no JSON: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error
        })
      }
      return await server.ask('post', '/api/v1/flows', {
        body: document as Schemas['FlowDocument'],
        ...(folder === '' ? {} : { query: { folder } })
      })
    },
    changes: ['/api/v1/flows'],
    quiet: true,
    done: (head) => `${head.name} is kept as a draft. Publish it to run it by schedule.`,
    after: close
  })
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        className="hidden"
        aria-label="File of a flow"
        onChange={(event) => {
          setFile(event.target.files?.[0] ?? null)
          keep.reset()
          event.target.value = ''
        }}
      />
      <Button onClick={() => input.current?.click()}>Import a flow</Button>
      <Dialog open={file !== null} close={close} title={`Import ${file?.name ?? ''}`}>
        <Choice
          label="Into the folder"
          value={folder}
          options={places.map((place) => [place, place === '' ? 'the root' : place] as const)}
          choose={setFolder}
        />
        <Refusal error={keep.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button
            look="main"
            disabled={keep.isPending || file === null}
            onClick={() => {
              if (file !== null) keep.mutate(file)
            }}
          >
            Import
          </Button>
        </div>
      </Dialog>
    </>
  )
}
