// Where the components of a page find their streams.
import { createContext, useContext } from 'react'
import type { StreamSource } from '../stream/run-streamer.ts'

export const StreamSourceContext = /* @__PURE__ */ createContext<StreamSource | undefined>(undefined)

export function useStreamSource(): StreamSource {
  const source = useContext(StreamSourceContext)
  if (!source) {
    throw new Error(
      'No streams here: put <StreamsProvider streams={…}> around the widgets, with a RunStreamer of the run.'
    )
  }
  return source
}
