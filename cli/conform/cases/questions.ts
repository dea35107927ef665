import type { HookCall } from '@recyclique/contracts'
import { type Case, Fault, NotOwed } from '../case.ts'
import { isAnswering } from '../checks.ts'
import { ask, callOf, mustAnswer, mustFit, readReply } from '../questions.ts'
import type { Wish } from '../sample.ts'
import type { Player, Stage } from '../stage.ts'
import { answersNone, answersOf, type Line } from '../story.ts'

export const answers: Case = {
  name: 'questions',
  words: 'answers each of its hooks, in the form that the hook wants',
  applies: answersNone,
  async play(stage) {
    const player = await stage.atWork()
    const said: string[] = []
    for (const line of answersOf(stage.manifest)) {
      const replies = []
      for (const is of ['full', 'plain', 'bare'] as const) replies.push(await fitting(stage, player, line, is))
      said.push(`${line.handler}: ${[...new Set(replies)].join(', ')}`)
    }
    return said.join('; ')
  },
}

const fitting = async (stage: Stage, player: Player, line: Line, is: Wish['is']) => {
  const back = await ask(stage, player, callOf(stage, line, is))
  const reply = await mustFit(stage, player, line, mustAnswer(stage, player, back, line.spec.name).text)
  return 'v' in reply && reply.v !== null ? 'an answer' : 'error' in reply ? 'an error' : 'none'
}

const TRIES = 5

export const answersInTime: Case = {
  name: 'questions-in-time',
  words: 'answers within the time that the hook gives',
  applies: answersNone,
  async play(stage) {
    const player = await stage.atWork()
    const shown: string[] = []
    for (const line of answersOf(stage.manifest)) {
      const times: number[] = []
      for (let nth = 0; nth < TRIES; nth += 1) {
        const back = await ask(stage, player, callOf(stage, line, 'full'))
        times.push(mustAnswer(stage, player, back, line.spec.name).ms)
      }
      const best = Math.min(...times)
      const { name, deadlineMs } = line.spec
      if (best > deadlineMs)
        throw new Fault(
          `${name}: the quickest of ${TRIES} answers took ${best.toFixed(0)} ms, and everybody together has ${deadlineMs} ms`,
          'Keep at hand what the answer needs; a module that is late counts as silent.',
        )
      shown.push(`${line.handler} ${best.toFixed(1)} ms of ${deadlineMs}`)
    }
    return shown.join(', ')
  },
}

export const sparesUnknown: Case = {
  name: 'questions-unknown-fields',
  words: 'answers as well when a question bears fields that it does not know',
  applies: answersNone,
  async play(stage) {
    const player = await stage.atWork()
    for (const line of answersOf(stage.manifest)) {
      const call = callOf(stage, line, 'full')
      const isOpen = line.spec.args.additionalProperties !== false && line.answers.args === undefined
      const args = isOpen ? { ...call.args, aLaterArgument: { some: ['thing'] } } : call.args
      const back = await ask(stage, player, { ...call, args }, { aLaterField: 1, another: { nested: true } })
      await mustFit(stage, player, line, mustAnswer(stage, player, back, line.spec.name).text)
    }
  },
}

export const refusesMalformed: Case = {
  name: 'questions-malformed',
  words: "answers what is no question with an error of kind 'invalid'",
  applies: answersNone,
  async play(stage) {
    const player = await stage.atWork()
    const [line] = answersOf(stage.manifest) as [Line]
    for (const text of ['no JSON', '[]', '{}', JSON.stringify({ ...callOf(stage, line, 'full'), args: 'none' })]) {
      const back = await player.asking.raw('hook', line.spec.name, text, stage.timeoutMs)
      mustBeInvalid(readReply(mustAnswer(stage, player, back, line.spec.name).text), text)
    }
    await fitting(stage, player, line, 'full')
  },
}

export const refusesUnknownHandler: Case = {
  name: 'questions-unknown-handler',
  words: "answers a question to a handler that it has not with an error of kind 'invalid'",
  applies: answersNone,
  async play(stage) {
    const player = await stage.atWork()
    const [line] = answersOf(stage.manifest) as [Line]
    const back = await ask(stage, player, { ...callOf(stage, line, 'full'), handler: 'no-such-handler' })
    mustBeInvalid(readReply(mustAnswer(stage, player, back, line.spec.name).text), "handler 'no-such-handler'")
  },
}

const mustBeInvalid = (reply: object, asked: string): void => {
  const { error } = reply as { error?: { kind: string } }
  if (error?.kind === 'invalid') return
  throw new Fault(
    `it answered ${JSON.stringify(reply).slice(0, 120)} to ${asked.slice(0, 60)}`,
    'Reply { "error": { "kind": "invalid", "code": …, "message": … } }.',
  )
}

export const outlivesDeadline: Case = {
  name: 'questions-too-late',
  words: 'is not troubled by a question whose deadline has passed',
  applies: answersNone,
  async play(stage) {
    const player = await stage.atWork()
    const [line] = answersOf(stage.manifest) as [Line]
    const late: HookCall = { ...callOf(stage, line, 'full'), deadline: Date.now() - 60_000 }
    const back = await player.asking.hook({ call: late }, Math.min(500, stage.timeoutMs))
    await fitting(stage, player, line, 'full')
    await isAnswering(stage, player)
    return back === 'silence' ? 'it kept silent' : 'it answered all the same'
  },
}

const AT_ONCE = 25

export const answersManyAtOnce: Case = {
  name: 'questions-at-once',
  words: `answers ${AT_ONCE} questions that come at once`,
  applies: answersNone,
  async play(stage) {
    const player = await stage.atWork()
    const lines = answersOf(stage.manifest)
    const asked = Array.from({ length: AT_ONCE }, (_, nth) => lines[nth % lines.length] as Line)
    const backs = await Promise.all(
      asked.map(async (line) => ({ line, back: await ask(stage, player, callOf(stage, line, 'full')) })),
    )
    const unheard = backs.filter(({ back }) => typeof back === 'string').length
    if (unheard > 0)
      throw new Fault(`${unheard} of ${AT_ONCE} questions were not answered`, 'Each question gets its own reply.')
    for (const { line, back } of backs)
      await mustFit(stage, player, line, mustAnswer(stage, player, back, line.spec.name).text)
  },
}

export const remembersHistory: Case = {
  name: 'historic',
  words: 'says with its announce how far it has come with historic questions',
  applies: (stage) =>
    answersNone(stage) ??
    (answersOf(stage.manifest).some(({ spec }) => spec.historic) ? undefined : 'it answers no historic hook'),
  async play(stage) {
    const player = await stage.atWork()
    for (const line of answersOf(stage.manifest).filter(({ spec }) => spec.historic)) {
      const { name } = line.spec
      const call = callOf(stage, line, 'full')
      mustAnswer(stage, player, await ask(stage, player, call), name)
      const from = stage.kernel.said.length
      player.asking.say('announce')
      const again = await stage.kernel.next('announce', { from, withinMs: stage.timeoutMs })
      if (!again) throw new NotOwed('it does not announce itself again: see announce-again')
      const seen = (again.body.historySeen as Record<string, number> | undefined)?.[name] ?? 0
      if (seen < call.seq!)
        throw new Fault(
          `it was told ${name} number ${call.seq}, and announces historySeen ${seen}`,
          'Keep the highest seq of each historic hook, and send it with each announce.',
        )
    }
  },
}
