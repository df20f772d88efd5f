// @weir/widgets/frame: for pages that are widgets in a sandboxed frame: gives them their rows.
import type { Batch } from '@weir/engine-client'
import type { Theme } from '../view/theme.ts'
import { helloOf, type FromFrame, type ToFrame } from './messages.ts'

export interface FrameWidget {
  /** Draws a batch; the next ones wait until it returns or its promise resolves. */
  take(batch: Batch): void | Promise<void>
  end?(failure?: string): void
  theme?(theme: Theme): void
}

export interface FrameScene {
  title: string
  settings: Readonly<Record<string, unknown>>
  theme: Theme
}

/** Call it once, at once: `make` is called when the page around has said what is to be drawn. */
export function connectWidget(make: (scene: FrameScene) => FrameWidget): void {
  const greeted = (event: MessageEvent<unknown>): void => {
    const hello = event.source === window.parent ? helloOf(event.data) : undefined
    const port = event.ports[0]
    if (!hello || !port) return
    window.removeEventListener('message', greeted)
    serve(port, () => make({ title: hello.title, settings: hello.settings, theme: hello.theme }))
  }
  window.addEventListener('message', greeted)
}

function serve(port: MessagePort, make: () => FrameWidget): void {
  const say = (message: FromFrame): void => {
    port.postMessage(message)
  }
  const fail = (reason: unknown): void => {
    say({ type: 'failed', why: reason instanceof Error ? reason.message : String(reason) })
  }
  let widget: FrameWidget
  try {
    widget = make()
  } catch (reason) {
    fail(reason)
    return
  }
  let turn = Promise.resolve()
  port.onmessage = (event: MessageEvent<ToFrame>) => {
    turn = turn.then(() => hear(widget, event.data, say)).catch(fail)
  }
  say({ type: 'ready' })
}

async function hear(widget: FrameWidget, message: ToFrame, say: (message: FromFrame) => void): Promise<void> {
  switch (message.type) {
    case 'batch':
      await widget.take(message.batch)
      say({ type: 'taken', batches: 1 })
      break
    case 'end':
      widget.end?.(message.failure)
      break
    case 'theme':
      widget.theme?.(message.theme)
      break
  }
}
