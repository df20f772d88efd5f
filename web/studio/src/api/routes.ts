// The routes of the API as types: what each takes and gives, read from the generated document.
import type { components, paths } from './schema.gen.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
export type Schemas = components['schemas']

type WithMethod<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, infer O> ? ([O] extends [undefined] ? never : P) : never
}[keyof paths]

/** The paths that take a method. */
export type PathOf<M extends Method> = WithMethod<M>

type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never

type Json<T> = T extends { content: { 'application/json': infer B } } ? B : undefined

/** What a route gives when all is well. */
export type AnswerOf<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202 | 204)]> : never

/** The body that a route takes. */
export type BodyOf<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { requestBody?: infer B } ? Json<NonNullable<B>> : undefined

/** The parameters of a route's query. */
export type QueryOf<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : Record<string, never>

export type Run = Schemas['Run']
export type FlowHead = Schemas['FlowHead']
export type DeadLetter = Schemas['DeadLetter']
export type Schedule = Schemas['Schedule']
export type Alert = Schemas['Alert']
export type AlertRule = Schemas['AlertRule']
export type Channel = Schemas['Channel']
export type NodeType = Schemas['NodeType']
export type User = Schemas['User']
export type Me = Schemas['Me']
