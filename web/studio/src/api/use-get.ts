// Reads a route and keeps what it gave: the same route with the same values is asked for once.
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { addressOf, type Options } from './client.ts'
import type { AnswerOf, PathOf } from './routes.ts'
import { server } from './server.ts'
import { wholeList } from './whole-list.ts'

type Got<P extends PathOf<'get'>> = AnswerOf<'get', P>

export interface Reading {
  /** Asked again after so many milliseconds while the page is looked at. */
  everyMs?: number | false
  enabled?: boolean
  /** Keeps showing what was there while other values are asked for. */
  keep?: boolean
}

/** The key under which an answer is kept; the first part is the path, so that all answers of a path can be forgotten. */
export function keyOf(
  path: string,
  options: { path?: Record<string, string | number>; query?: object } = {}
): string[] {
  return [path, addressOf(path, options.path, options.query)]
}

/** What a route gives, with its states. */
export function useGet<P extends PathOf<'get'>>(
  path: P,
  options: Pick<Options<'get', P>, 'path' | 'query'> = {},
  reading: Reading = {}
): UseQueryResult<Got<P>> {
  return useQuery<Got<P>>({
    queryKey: keyOf(path, options),
    queryFn: ({ signal }) => server.ask('get', path, { ...options, signal }),
    enabled: reading.enabled ?? true,
    refetchInterval: reading.everyMs ?? false,
    ...(reading.keep === true ? { placeholderData: keepPreviousData } : {})
  })
}

/** A list that comes in pages, all of it. */
export function useAll<P extends PathOf<'get'>>(
  path: P,
  options: Pick<Options<'get', P>, 'path' | 'query'> = {},
  reading: Reading = {}
): UseQueryResult<Got<P>> {
  return useQuery<Got<P>>({
    queryKey: [...keyOf(path, options), 'all'],
    queryFn: ({ signal }) =>
      wholeList(
        (query) => server.ask('get', path, { ...options, query: query as never, signal }) as Promise<object>,
        options.query
      ) as Promise<Got<P>>,
    enabled: reading.enabled ?? true,
    refetchInterval: reading.everyMs ?? false
  })
}
