// @weir/widgets/rxjs: a port as an Observable.
import { Observable } from 'rxjs'

/**
 * Reads the stream when somebody subscribes, and cancels it when they leave; a stream has one subscriber, ever, so
 * give a function that makes streams to have more. An Observable knows no backpressure: the stream is read as fast as
 * `next` returns. What is asynchronous behind it has to bound what it keeps.
 */
export function observableOf<T>(source: ReadableStream<T> | (() => ReadableStream<T>)): Observable<T> {
  return new Observable<T>((subscriber) => {
    const reader = (typeof source === 'function' ? source() : source).getReader()
    const pump = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await reader.read()
        if (done || subscriber.closed) break
        subscriber.next(value)
      }
      subscriber.complete()
    }
    pump().catch((reason: unknown) => {
      subscriber.error(reason)
    })
    return () => {
      reader.cancel().catch(() => undefined)
    }
  })
}
