import type { KvEntry, Manifest, WishReply } from '@recyclique/contracts'
import { openApi } from '../../../modules/sdk/testing/call-api.ts'
import { openJobs } from '../../../modules/sdk/testing/keep-jobs.ts'
import { openKv } from '../../../modules/sdk/testing/keep-kv.ts'
import { answerApi } from './played-api.ts'
import type { Said } from './played-kernel.ts'

/**
 * How wishes are answered at the moment. `rivalled`: before each change that names a revision another process has changed the key.
 * `unavailable`: a no that passes. `garbled`: with something that is no answer. `silent`: not at all.
 */
export type Mood = 'granting' | 'rivalled' | 'unavailable' | 'garbled' | 'silent'

/** A wish with what was answered; undefined: nothing that makes sense. */
export interface Wished {
  readonly said: Said
  readonly reply: WishReply | undefined
}

/** What the kernel that we play keeps for the module: keys and values, jobs, and an API with a little in it. */
export interface PlayedWishes {
  /** All that was wanted so far, in order. */
  readonly all: readonly Wished[]
  be(mood: Mood): void
  /** Undefined: no answer. */
  answer(said: Said): Promise<object | string | undefined>
}

export const openPlayedWishes = (manifest: Manifest): PlayedWishes => {
  const kv = openKv(manifest, () => new Date())
  const jobs = openJobs(manifest)
  const api = openApi(manifest, answerApi)
  const all: Wished[] = []
  let mood: Mood = 'granting'
  let garbled = 0

  const grant = ({ verb, name, text }: Said): Promise<WishReply> => {
    if (verb === 'kv') return kv(name, text)
    return verb === 'job' ? jobs.answer(name, text) : api(name, text)
  }

  /** The rival has the same thing in mind: what stands there afterwards has a form that the module knows. */
  const changeBefore = async ({ verb, name, text }: Said) => {
    const { key, value = null, revision } = bodyOf(text)
    if (verb !== 'kv' || !['put', 'remove'].includes(name) || revision === undefined) return
    const found = await kv('get', JSON.stringify({ key }))
    const known = 'v' in found ? (found.v as KvEntry | null) : null
    await kv('put', JSON.stringify({ key, value: known?.value ?? value }))
  }

  return {
    all,
    be(next) {
      mood = next
    },
    async answer(said) {
      if (mood === 'rivalled') await changeBefore(said)
      const reply =
        mood === 'unavailable'
          ? UNAVAILABLE
          : mood === 'granting' || mood === 'rivalled'
            ? await grant(said)
            : undefined
      all.push({ said, reply })
      if (reply || mood === 'silent') return reply
      return NO_ANSWERS[garbled++ % NO_ANSWERS.length]
    },
  }
}

const UNAVAILABLE: WishReply = { error: { code: 'unavailable', words: 'not now', isPassing: true } }

const NO_ANSWERS = ['no JSON at all', '{}', '[]', '{"v":', 'null']

export interface WishBody {
  readonly key?: unknown
  readonly value?: unknown
  readonly revision?: unknown
  readonly id?: unknown
  readonly job?: unknown
  readonly method?: unknown
  readonly path?: unknown
}

/** What it wants; nothing at all where it is not JSON. */
export const bodyOf = (text: string): WishBody => {
  try {
    return (JSON.parse(text) as WishBody | null) ?? {}
  } catch {
    return {}
  }
}
