/** What a route gives back; 200 where it says nothing else. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /**
   * A whole one of any length, or its pieces as they come (a generator, a stream of Node's): those are asked for as fast as the
   * reader reads, and no faster. When the reader goes, the generator is ended, and `signal` aborts. What it throws breaks the answer off.
   */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array | string>
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
})

export const html = (text: string, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: text,
})

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for a page or a picture, in an element or in an attribute with quotes: whatever somebody typed, it stays text. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one)

/** Thrown by a route that cannot do what was asked. `detail` is shown to the person who asked; `code` never changes its meaning. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.name = 'Refusal'
    this.status = status
    this.code = code
  }
}
