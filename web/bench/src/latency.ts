// How long a message is on its way: written by the page, through the engine's worker, to the callback of a widget.
import { RunStreamer } from '@weir/widgets/core'
import type { BrowserEngine } from '@weir/engine-client/browser'
import { oneNode } from './flows.ts'

/** Milliseconds of each message. */
export async function latency(engine: BrowserEngine, messages: number, perSecond: number): Promise<number[]> {
  const run = await engine.run(oneNode('in', 'page/inlet'), { outlets: [{ node: 'in', port: 'rows' }] })
  const streamer = new RunStreamer(run)
  const times: number[] = []
  const all = new Promise<void>((resolve) => {
    streamer.attach('in', {
      take: (batch) => {
        const now = performance.now()
        const sent = batch.columns[0]?.values ?? []
        for (let i = 0; i < batch.rows; i++) times.push(now - Number(sent[i]))
      },
      end: () => {
        resolve()
      }
    })
  })
  const writer = run.inlet('in').getWriter()
  const from = performance.now()
  for (let sent = 0; sent < messages;) {
    const due = Math.min(messages, ((performance.now() - from) / 1000) * perSecond)
    for (; sent < due; sent++) void writer.write([{ sent: performance.now() }])
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await writer.close()
  await all
  run.dispose()
  return times
}
