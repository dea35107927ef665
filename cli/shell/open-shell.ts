import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { type REPLServer, start } from 'node:repl'
import { PassThrough } from 'node:stream'
import { inspect } from 'node:util'
import { type Api, apiAt } from '../api.ts'
import { CannotDo } from '../bad-use.ts'
import { completePath, listed, type Route } from './routes.ts'

interface Shell {
  readonly url: string
  readonly actor: string
  readonly routes: readonly Route[]
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** A person types: with a prompt, colours and a history. */
  readonly isTerminal: boolean
  /** Where the lines that were typed are kept; nowhere where nothing is said. */
  readonly history?: string | undefined
}

type Done = (error: Error | null, result?: unknown) => void
type Evaluate = (code: string, context: object, file: string, done: Done) => void

/**
 * A prompt with the API as functions. Resolves when it was left, with how many lines failed. What a line gives is waited for and shown, so
 * that nobody need type `await`; what the kernel refuses is shown in its words, and nothing of this program's insides.
 */
export const openShell = async ({ url, actor, routes, ...io }: Shell): Promise<number> => {
  const { input, output, isTerminal, history } = io
  const hasColours = isTerminal && !process.env.NO_COLOR
  const lines = isTerminal ? input : new PassThrough()
  const repl = start({
    ...{ input: lines, output, terminal: isTerminal, ignoreUndefined: true, useGlobal: false },
    prompt: isTerminal ? 'recyclique> ' : '',
    writer: (value) => inspect(value, { colors: hasColours, depth: 10, maxArrayLength: 500, breakLength: 120 }),
  })
  let failures = 0
  const say = (words: string) => output.write(`${words}\n`)
  const as = (who: string) => {
    repl.context.api = actingAs(url, who)
  }
  as(actor)
  repl.on('reset', () => as(actor))

  const evaluate = repl.eval as Evaluate
  const shown: Evaluate = (code, context, file, done) => {
    const failed = (error: Error) => {
      if (!(error instanceof CannotDo)) return done(error)
      failures += 1
      say(error.message)
      done(null, undefined)
    }
    evaluate.call(repl, code, context, file, (error, result) => {
      if (error) return failed(error)
      Promise.resolve(result).then((value) => done(null, value), failed)
    })
  }
  Object.assign(repl, { eval: shown, completer: completing(repl, routes) })
  repl.defineCommand('routes', {
    help: 'List the routes of the API, those with a word: .routes deposits',
    action(word) {
      say(listed(routes, word.trim()).join('\n') || `No route has '${word.trim()}' in it.`)
      this.displayPrompt()
    },
  })
  repl.defineCommand('as', {
    help: 'Act as somebody else from now on: .as anne',
    action(who) {
      if (who.trim() === '') say('Say as whom: .as anne')
      else as(who.trim())
      this.displayPrompt()
    },
  })
  if (isTerminal && history) repl.setupHistory(history, () => {})
  const left = new Promise((resolve) => repl.once('exit', resolve))
  const broken = isTerminal ? 0 : feed(repl, input, lines as PassThrough)
  await left
  return failures + (await broken)
}

/** Line by line, each after the one before it is done: Node itself would begin them all at once. Gives how many lines broke. */
const feed = async (repl: REPLServer, input: NodeJS.ReadableStream, lines: PassThrough): Promise<number> => {
  let broken = 0
  let ready = Promise.withResolvers<void>()
  repl.displayPrompt = () => ready.resolve()
  repl.once('exit', () => ready.resolve())
  for await (const line of createInterface({ input })) {
    ready = Promise.withResolvers()
    // What a line threw Node keeps here, whichever way it learnt of it.
    const before = repl.context._error
    lines.write(`${line}\n`)
    await ready.promise
    if (repl.context._error !== before) broken += 1
  }
  repl.close()
  return broken
}

/** A POST is an act: each typed line is one of its own, and bears a fresh key. */
const actingAs = (url: string, actor: string) => {
  const api: Api = apiAt(url, actor)
  const checked = (path: unknown): string => {
    if (typeof path === 'string' && path.startsWith('/')) return path
    throw new CannotDo(`say a path that begins with '/', as in api.get('/v1/registers'), and not ${inspect(path)}`)
  }
  const sending =
    (verb: 'post' | 'put' | 'patch' | 'delete') =>
    async (path: string, body?: object): Promise<unknown> =>
      api[verb](checked(path), { key: randomUUID(), ...(body === undefined ? {} : { body }) })
  return {
    get: async (path: string): Promise<unknown> => api.get(checked(path)),
    ...{ post: sending('post'), put: sending('put'), patch: sending('patch'), delete: sending('delete') },
  }
}

type Completer = (line: string, done: (error: null, found: [string[], string]) => void) => void

/** Paths where one is being typed; else what Node itself proposes. */
const completing = (repl: REPLServer, routes: readonly Route[]): Completer => {
  const usual = repl.completer as Completer
  return (line, done) => {
    const found = completePath(routes, line)
    if (found) done(null, found)
    else usual.call(repl, line, done)
  }
}
