import { isUtf8 } from 'node:buffer'
import { Refusal } from '../errors.ts'
import type { App } from './app.ts'

/**
 * The one form of a body: JSON in UTF-8; nothing at all is no body. Other bytes are refused, since reading them as UTF-8 would
 * keep a name without its accents. `__proto__` is a field like any other here: no schema knows it.
 */
export const readJsonOnly = (app: App): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) =>
    body.length === 0 ? undefined : readJson(body),
  )
}

const readJson = (body: Buffer): unknown => {
  if (!isUtf8(body)) throw new Refusal('json-broken', { why: 'it is not encoded in UTF-8' })
  try {
    return JSON.parse(body.toString().replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new Refusal('json-broken', { why: (error as Error).message })
  }
}
