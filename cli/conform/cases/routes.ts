import type { HttpAnswer } from '@recyclique/contracts'
import { type Case, Fault } from '../case.ts'
import { isAnswering, readAs } from '../checks.ts'
import { type Back, readHttpAnswer } from '../kernel/asking.ts'
import type { Stage } from '../stage.ts'

const hasNone = ({ manifest }: Stage): string | undefined => (manifest.routes?.length ? undefined : 'it has no routes')

export const answersRoutes: Case = {
  name: 'routes',
  words: 'answers each of its routes',
  applies: hasNone,
  async play(stage) {
    const { asking } = await stage.atWork()
    const shown: string[] = []
    for (const { method, path: form } of stage.manifest.routes ?? []) {
      const path = form.replaceAll(/:[a-zA-Z0-9_]+|\*/g, 'livres')
      const body = method === 'GET' ? {} : { body: Buffer.from('{}').toString('base64') }
      const headers: Record<string, string> = method === 'GET' ? {} : { 'content-type': 'application/json' }
      const back = await asking.http({ method, path, headers, ...body }, { withinMs: stage.timeoutMs })
      const { status } = mustAnswer(stage, back, `${method} ${path}`)
      if (status >= 500)
        throw new Fault(
          `${method} ${path}: it answered ${status}`,
          'What the caller did wrong is 4xx; 5xx is your own failure.',
        )
      if (status === 404 && method === 'GET' && path === form)
        throw new Fault(
          `${method} ${path}: it answered 404`,
          'manifest.json lists this route: answer it, or take it out there.',
        )
      shown.push(`${method} ${form} ${status}`)
    }
    return shown.join(', ')
  },
}

export const refusesUnknownRoute: Case = {
  name: 'routes-unknown',
  words: 'answers 404 where it has no route',
  applies: hasNone,
  async play(stage) {
    const { asking } = await stage.atWork()
    const path = '/there/is/no/such/route'
    const { status } = mustAnswer(stage, await asking.http({ path }, { withinMs: stage.timeoutMs }), `GET ${path}`)
    if (status !== 404) throw new Fault(`GET ${path}: it answered ${status}`, 'Answer 404.')
  },
}

export const outlivesBadCall: Case = {
  name: 'routes-malformed',
  words: 'is not troubled by calls that make no sense or come too late',
  applies: hasNone,
  async play(stage) {
    const player = await stage.atWork()
    const withinMs = Math.min(500, stage.timeoutMs)
    for (const text of [
      'no JSON',
      '[]',
      '{"method":7}',
      '{"method":"GET","path":"/","query":{},"headers":{},"body":"*"}',
    ])
      await player.asking.raw('http', undefined, text, withinMs)
    await player.asking.http({ path: '/' }, { withinMs, deadline: Date.now() - 60_000 })
    await isAnswering(stage, player)
    const path = stage.manifest.routes?.[0]?.path ?? '/'
    mustAnswer(stage, await player.asking.http({ path }, { withinMs: stage.timeoutMs }), `GET ${path}`)
  },
}

const mustAnswer = (stage: Stage, back: Back, what: string): HttpAnswer => {
  if (back === 'nobody') throw new Fault('nobody hears …<instance>.http', 'Subscribe to it before you announce.')
  if (back === 'silence')
    throw new Fault(
      `${what}: no answer within ${stage.timeoutMs / 1000} s`,
      'Answer every call before its rq-deadline.',
    )
  return readAs(readHttpAnswer, back.text, 'An answer is { "status", "headers", "body" }, the body in base64.')
}
