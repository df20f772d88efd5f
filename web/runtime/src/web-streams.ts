// Web streams: those of the platform, or the polyfill, loaded only where they are missing (older Safari).

/** Resolves when ReadableStream and WritableStream are there. */
export async function needStreams(): Promise<void> {
  const place = globalThis as { ReadableStream?: unknown; WritableStream?: unknown; TransformStream?: unknown }
  if (place.ReadableStream !== undefined && place.WritableStream !== undefined) return
  const polyfill = await import('web-streams-polyfill')
  place.ReadableStream ??= polyfill.ReadableStream
  place.WritableStream ??= polyfill.WritableStream
  place.TransformStream ??= polyfill.TransformStream
}
