import { createHash } from 'node:crypto'
import { errors, type NatsConnection } from '@nats-io/transport-node'
import {
  type Announce,
  Announced,
  type HistorySeen,
  type Manifest,
  Misfit,
  parseJson,
  type Subjects,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Bell } from './bell.ts'
import { canonical } from './canonical.ts'
import { shownConfig } from './config-shown.ts'
import type { Module } from './define-module.ts'
import { growingWaits, unlessAborted } from './pause.ts'
import type { Settings } from './settings.ts'

const ANSWER_WITHIN_MS = 5_000

type Parts = {
  module: Module
  instance: string
  settings: Settings
  startedAt: string
  connection: NatsConnection
  subjects: Subjects
  /** How far it has come with the historic questions. */
  historySeen: HistorySeen
  /** The kernel wants it to announce itself now: what it waited for may be there. */
  bell: Bell
  /** Called when the kernel says that it must wait: it hears and answers nothing until it is let in. */
  onWait: () => Promise<void>
  stop: AbortSignal
  log: Logger
}

/**
 * Says what this process is until a kernel decides, for ever: the kernel may be away or come later, or what this module needs may
 * not be there yet. Gives its answer, admitted (or replaying) or rejected, or undefined when told to stop before.
 */
export const announce = async (parts: Parts): Promise<Announced | undefined> => {
  const { module } = parts
  const waits = growingWaits([100, 250, 500, 1_000, 2_000, 5_000])
  let lastSaid = ''
  // Said once for each new reason, not at each attempt.
  const say = (reason: string, words: string) => {
    if (lastSaid !== words + reason) parts.log.warn({ reason }, words)
    lastSaid = words + reason
  }
  while (!parts.stop.aborted) {
    try {
      const answer = await unlessAborted(ask(parts), parts.stop)
      if (!answer) return answer
      const flaws = module.config && !module.config.isReady ? module.config.flaws : []
      if (!WAITS.has(answer.state) && (answer.state === 'rejected' || flaws.length === 0)) return answer
      if (WAITS.has(answer.state))
        say(answer.reasons.join('; '), `the kernel lets this module wait (${answer.state}); asking on`)
      else
        say(flaws.map(({ key, why }) => `${key} ${why}`).join('; '), 'this module cannot work with what is set for it')
      await parts.onWait()
    } catch (error) {
      say((error as Error).message, wordsFor(error as Error))
    }
    await parts.bell.next(AbortSignal.any([AbortSignal.timeout(Math.ceil(waits.nextMs())), parts.stop]))
  }
  return undefined
}

const WAITS: ReadonlySet<Announced['state']> = new Set(['waiting', 'blocked', 'disabled'])

const ask = async (parts: Parts): Promise<Announced> => {
  const { module, instance, settings, startedAt, connection, subjects, historySeen } = parts
  const { manifest, store, bundle } = module
  const { config: set } = module
  const config = shownConfig(manifest, settings, set?.kept)
  const turns = set?.turns
  const said: Announce = {
    manifest,
    manifestHash: hashOf(manifest),
    instance,
    pid: process.pid,
    startedAt,
    // Read anew at each announce: it is what the module has now, whatever the kernel remembers.
    ...(store === undefined ? {} : { resumeAfter: store.position }),
    ...(bundle === undefined ? {} : { bundle: bundle.claim }),
    ...(config.length === 0 ? {} : { config }),
    ...(set && set.flaws.length > 0 ? { configFlaws: [...set.flaws] } : {}),
    ...(set?.refused === undefined ? {} : { configRefused: set.refused }),
    ...(Object.keys(historySeen).length === 0 ? {} : { historySeen }),
  }
  const subject = subjects.toKernel(manifest.name, 'announce')
  const answer = await connection.request(subject, JSON.stringify(said), { timeout: ANSWER_WITHIN_MS })
  const announced = parseJson(Announced, answer.string(), 'the answer to announce')
  // What was said on its own meanwhile is newer than what stands in the answer.
  if (set && set.turns === turns && announced.state !== 'rejected') await set.take(announced.config)
  return announced
}

const wordsFor = (error: Error): string => {
  if (error instanceof Misfit) return 'the kernel answers in a way that this SDK does not understand; asking on'
  const isNobody = error instanceof errors.NoRespondersError || error.cause instanceof errors.NoRespondersError
  return isNobody ? 'no kernel is there yet; asking on' : 'the kernel does not answer; asking on'
}

/** SHA-256 of the canonical JSON (RFC 8785), so that replicas of one module bear the same. */
export const hashOf = (manifest: Manifest): string => createHash('sha256').update(canonical(manifest)).digest('hex')
