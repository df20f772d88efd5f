// StreamsProvider: gives the streams of one run to the widgets and hooks within.
import type { ReactElement, ReactNode } from 'react'
import type { StreamSource } from '../stream/run-streamer.ts'
import { StreamSourceContext } from './stream-source.ts'

export interface StreamsProviderProps {
  /** A RunStreamer, or anything that creates streams by id. */
  streams: StreamSource
  children?: ReactNode
}

export function StreamsProvider({ streams, children }: StreamsProviderProps): ReactElement {
  return <StreamSourceContext value={streams}>{children}</StreamSourceContext>
}
