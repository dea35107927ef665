import { Readable } from 'node:stream'
import { type BodyClaim, BodyPart, Misfit, parseJson } from '@recyclique/contracts'
import { Refusal } from '../errors.ts'

/** So many parts are asked for ahead: the way to the module and back is not waited for each time. */
const AHEAD = 4

/** A reader that takes nothing for so long has gone without a word, or holds the answer up on purpose. */
const READER_WITHIN_MS = 60_000

/** "Nothing yet" is for sources that are slow, not for asking in a circle. */
const NOTHING_YET_MS = 1_000

export interface BodySource {
  /** Whose answer it is, for the words. */
  readonly module: string
  /** Asks the process for this part. Rejects when none will come. */
  ask(part: number): Promise<string>
  /** Says that no more is wanted. */
  stop(): void
  readonly nowMs: () => number
  readonly readerWithinMs?: number
}

/**
 * A long answer of a module as a stream of bytes. Asks for parts no faster than they are read, so that never more than a few of them lie
 * here. Ends only where the module said the end and every byte has come, each part once and in its order; else it is destroyed, with
 * a refusal that says why: what was sent by then is never taken for the whole.
 */
export const takeBody = (source: BodySource, { bytes: promised }: BodyClaim): Readable => {
  const { module, ask, stop, nowMs, readerWithinMs = READER_WITHIN_MS } = source
  const asked: Promise<Came>[] = []
  let [asking, taken, bytes] = [0, 0, 0]
  let lastMs = nowMs()
  let isDone = false

  const askAhead = () => {
    while (asked.length < AHEAD) {
      const answer = ask(++asking).then((text) => ({ text, atMs: nowMs() }))
      // Whoever takes it hears of it; behind the end nobody does.
      answer.catch(() => {})
      asked.push(answer)
    }
  }

  /** The bytes of the next part; undefined at the end. */
  const next = async (): Promise<Buffer | undefined> => {
    askAhead()
    const { text, atMs } = await (asked.shift() as Promise<Came>)
    const part = readPart(text, ++taken)
    if ('done' in part) return checkEnd(part.bytes, { bytes, promised })
    const data = bytesOf(part.data, taken)
    bytes += data.length
    if (bytes > (promised ?? bytes)) throw new Broken(`it is longer than the ${promised} bytes that it said`)
    if (data.length === 0 && atMs - lastMs < NOTHING_YET_MS) throw new Broken(`part ${taken} is empty, and too soon`)
    lastMs = atMs
    return data
  }

  const deliver = async () => {
    let data = await next()
    while (data?.length === 0) data = await next()
    if (data === undefined) {
      isDone = true
      body.push(null)
    } else if (!body.push(data))
      idle = setTimeout(() => body.destroy(refusalOf(new Broken('nobody reads it'), module)), readerWithinMs)
  }

  let idle: NodeJS.Timeout | undefined
  const body = new Readable({
    highWaterMark: 1,
    read() {
      clearTimeout(idle)
      deliver().catch((error: Error) => body.destroy(refusalOf(error, module)))
    },
    destroy(error, done) {
      clearTimeout(idle)
      if (!isDone) stop()
      done(error)
    },
  })
  return body
}

/** When it came, and not when somebody looked: a slow reader takes several at once. */
interface Came {
  readonly text: string
  readonly atMs: number
}

/** What is wrong with what came. */
class Broken extends Error {}

const refusalOf = (error: Error, module: string): Refusal => {
  const why = error instanceof Broken || error instanceof Misfit ? error.message : `no part came (${error.message})`
  return new Refusal('module-unavailable', { module, why: `its answer broke off: ${why}` })
}

const readPart = (text: string, wanted: number): Exclude<BodyPart, { error: string }> => {
  const part = parseJson(BodyPart, text, `part ${wanted} of its answer`)
  if ('error' in part) throw new Broken(part.error)
  if (part.part !== wanted) throw new Broken(`part ${wanted} was wanted, and ${part.part} came`)
  return part
}

/** The decoder skips what it does not know: then fewer bytes come out than the text has room for. */
const bytesOf = (data: string, number: number): Buffer => {
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length !== Buffer.byteLength(data, 'base64')) throw new Broken(`part ${number} is no base64`)
  return bytes
}

const checkEnd = (said: number, { bytes, promised = said }: { bytes: number; promised: number | undefined }) => {
  if (said !== bytes) throw new Broken(`${bytes} bytes came of ${said}`)
  if (promised !== bytes) throw new Broken(`${bytes} bytes came of the ${promised} that it promised`)
  return undefined
}
