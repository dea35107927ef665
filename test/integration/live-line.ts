import type { Body } from './centre.ts'

export interface LiveEvent {
  readonly id: number
  readonly event: string
  readonly data: Body
}

/** A line of server-sent events, as a browser holds it. */
export interface LiveLine {
  readonly events: readonly LiveEvent[]
  /** All events so far, once the one with this id is among them; at once where there is nothing to wait for. */
  upTo(id: number): Promise<readonly LiveEvent[]>
  /** Settles when the other side, or `close`, has ended it. */
  readonly ended: Promise<void>
  close(): void
}

/** Opens `/v1/live`; `after` is the last id that was seen. */
export const listen = async (url: string, after?: number): Promise<LiveLine> => {
  const stop = new AbortController()
  const answer = await fetch(`${url}/v1/live`, {
    headers: after === undefined ? {} : { 'last-event-id': String(after) },
    signal: stop.signal,
  })
  if (answer.status !== 200 || !answer.body) throw new Error(`no live line: ${answer.status} ${await answer.text()}`)
  const events: LiveEvent[] = []
  const waiting = new Set<() => void>()
  const read = async (body: ReadableStream<Uint8Array>) => {
    let rest = ''
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split('\n\n')
      rest = blocks.pop() ?? ''
      events.push(...blocks.flatMap(eventOf))
      for (const look of waiting) look()
    }
  }
  // How it ends is no matter here: cut off by the kernel's stop, or closed by the test.
  const ended = read(answer.body).catch(() => {})
  return {
    events,
    upTo: (id) =>
      new Promise((resolve) => {
        const look = () => {
          if (id !== after && !events.some((one) => one.id === id)) return
          waiting.delete(look)
          resolve([...events])
        }
        waiting.add(look)
        look()
      }),
    ended,
    close: () => stop.abort(),
  }
}

/** One block of lines; a comment is none. */
const eventOf = (block: string): LiveEvent[] => {
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]))
  const data = fields.get('data')
  if (data === undefined) return []
  return [{ id: Number(fields.get('id')), event: fields.get('event') ?? '', data: JSON.parse(data) }]
}
