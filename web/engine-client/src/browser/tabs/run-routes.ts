// RunRoutes: GET and DELETE of /api/v1/runs in the service worker, for the runs that pages own.
import { asWeirError, WeirError } from '../../errors.ts'
import type { Control } from '../../live/frames.ts'
import type { RunDirectory, RunningRun } from './run-directory.ts'
import type { RunExchange } from './run-exchange.ts'
import { WatchedRun } from './watched-run.ts'

const NO_STORE = { 'cache-control': 'no-store' }
const EVENTS = { 'content-type': 'text/event-stream', ...NO_STORE }
/** Between two comments that keep the line open. */
const QUIET_MS = 10_000

function json(value: unknown, status = 200): Response {
  return Response.json(value, { status, headers: NO_STORE })
}

const TITLES: Record<number, string> = { 400: 'Bad Request', 404: 'Not Found', 502: 'Bad Gateway' }

/** As all refusals of the API: problem details (RFC 9457). */
function refused(status: number, { code, message }: WeirError): Response {
  const problem = { type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail: message, code }
  return Response.json(problem, { status, headers: { ...NO_STORE, 'content-type': 'application/problem+json' } })
}

function none(id: string): Response {
  return refused(404, new WeirError('run.none', `there is no run '${id}'; it may have ended`))
}

/** What is badly escaped is the id of no run. */
function idOf(coded: string): string {
  try {
    return decodeURIComponent(coded)
  } catch {
    return coded
  }
}

const ROUTES = ['GET', 'GET run', 'GET run events', 'DELETE run']

export class RunRoutes {
  constructor(
    private readonly directory: RunDirectory,
    private readonly exchange: RunExchange
  ) {}

  /** `route` is what stands behind /api/v1/; nothing: it is no route of runs. */
  async answer(request: Request, route: string): Promise<Response | undefined> {
    const [name, coded = '', part = '', ...more] = route.split('?')[0]?.split('/') ?? []
    if (name !== 'runs' || more.length > 0) return undefined
    const asked = `${request.method}${coded === '' ? '' : ' run'}${part === '' ? '' : ` ${part}`}`
    if (!ROUTES.includes(asked)) return undefined
    const [parameter] = new URL(request.url).searchParams.keys()
    if (parameter !== undefined) {
      return refused(400, new WeirError('api.query', `this route has no parameter '${parameter}'; it takes none`))
    }
    const id = idOf(coded)
    switch (asked) {
      case 'GET':
        return json({ runs: await this.directory.list() })
      case 'GET run':
        return this.one(id)
      case 'GET run events':
        return this.events(request, id)
      default:
        return this.stop(id)
    }
  }

  private async find(id: string): Promise<RunningRun | undefined> {
    return (await this.directory.list()).find((other) => other.id === id)
  }

  private async one(id: string): Promise<Response> {
    const run = await this.find(id)
    return run ? json(run) : none(id)
  }

  private async stop(id: string): Promise<Response> {
    if (!(await this.find(id))) return none(id)
    this.directory.stop(id)
    return new Response(null, { status: 204 })
  }

  /** The run's numbered events behind Last-Event-ID, as its worker still has them, and then as they come. */
  private async events(request: Request, id: string): Promise<Response> {
    const after = Number(request.headers.get('last-event-id') ?? 0)
    if (!Number.isSafeInteger(after) || after < 0) {
      return refused(400, new WeirError('http.status', 'Last-Event-ID is the number of an event: 0 or more'))
    }
    try {
      const run = await WatchedRun.open(id, await this.exchange.line(id))
      return new Response(eventStream(run, after), { headers: EVENTS })
    } catch (reason) {
      const error = asWeirError(reason)
      return refused(error.code === 'run.none' ? 404 : 502, error)
    }
  }
}

function eventStream(run: WatchedRun, after: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const watcher = run.watch()
  let quiet: ReturnType<typeof setInterval> | undefined
  const leave = (): void => {
    clearInterval(quiet)
    watcher.close()
    run.leave()
  }
  return new ReadableStream<Uint8Array>({
    start: async (controller) => {
      const say = (text: string): void => {
        controller.enqueue(encoder.encode(text))
      }
      quiet = setInterval(() => {
        say(': the run goes on\n\n')
      }, QUIET_MS)
      watcher.onMessage((message) => {
        const event = eventText(message)
        if (event !== undefined) say(event)
      })
      await watcher.ask('subscribe', { kind: 'events', after }).catch(() => undefined)
      void run.result
        .then(
          (result) => {
            say(`event: ended\ndata: ${JSON.stringify(result)}\n\n`)
          },
          (reason: unknown) => {
            const { code, message } = asWeirError(reason)
            say(`event: error\ndata: ${JSON.stringify({ code, message })}\n\n`)
          }
        )
        .then(() => {
          leave()
          controller.close()
        })
        // The reader has left before.
        .catch(() => undefined)
    },
    cancel: leave
  })
}

function eventText({ type, data }: Control): string | undefined {
  if (type === 'missed') return `event: missed\ndata: ${JSON.stringify(data)}\n\n`
  if (type !== 'event') return undefined
  return `id: ${(data as { number: number }).number}\nevent: event\ndata: ${JSON.stringify(data)}\n\n`
}
