// A worker that runs the peers, one question at a time.
import { runPeer, type Peer } from './peers.ts'

const line = globalThis as unknown as DedicatedWorkerGlobalScope

line.onmessage = (event: MessageEvent<{ peer: Peer; rows: number }>) => {
  void runPeer(event.data.peer, event.data.rows).then((timed) => {
    line.postMessage(timed)
  })
}
