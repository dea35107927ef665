import { setTimeout as wait } from 'node:timers/promises'
import { callOf } from './questions.ts'
import type { Player, Stage } from './stage.ts'
import { answersOf } from './story.ts'

/**
 * What a module shows of itself, as one text: its pages and figures (GET routes without parameters) and its answers, to the same
 * questions each time. By it an effect can be seen from outside. Undefined where it shows nothing.
 */
export const viewOf = async (stage: Stage, { asking }: Player): Promise<string | undefined> => {
  const shown: string[] = []
  for (const { method, path } of stage.manifest.routes ?? []) {
    if (method !== 'GET' || /[:*]/.test(path)) continue
    const back = await asking.http({ path }, { withinMs: stage.timeoutMs })
    if (typeof back !== 'string') shown.push(bodyOf(back.text))
  }
  const same: Stage = { ...stage, nextNth: () => 1 }
  for (const line of answersOf(stage.manifest)) {
    const back = await asking.hook({ call: callOf(same, line, 'full') }, stage.timeoutMs)
    if (typeof back !== 'string') shown.push(back.text)
  }
  return shown.length === 0 ? undefined : shown.join('\n')
}

/** Positions say how far it has come, and nothing about an effect. */
const bodyOf = (text: string): string => {
  const { body = '' } = JSON.parse(text) as { body?: string }
  return Buffer.from(body, 'base64').toString()
}

/** What it changes with the kernel. */
const CHANGES: readonly string[] = ['tell', 'job', 'kv put', 'kv remove']
const REST_MS = 1_500

/** What it was given may keep it at work for a while: until it has told and kept nothing for a moment, or for as long as anything may take. */
export const atRest = async ({ kernel, timeoutMs }: Stage): Promise<void> => {
  const end = performance.now() + timeoutMs
  for (;;) {
    const last = kernel.said.findLast(({ verb, name }) => CHANGES.includes(verb) || CHANGES.includes(`${verb} ${name}`))
    const leftMs = last === undefined ? 0 : last.at + REST_MS - performance.now()
    if (leftMs <= 0 || performance.now() > end) return
    await wait(leftMs)
  }
}
