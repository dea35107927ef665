import type { Announce, HookSpec, Manifest } from '@recyclique/contracts'
import { major } from 'semver'
import type { AnswerSaid, Registration } from '../hooks/registration.ts'
import type { Call } from '../hooks/step.ts'
import type { PeerGroup } from '../remote/peer.ts'
import type { Remote } from '../remote/remote.ts'
import type { Instance, Party } from './party.ts'

interface Parts {
  readonly remote: Pick<Remote, 'callFor' | 'callForPeer'>
  readonly specOf: (hook: string) => HookSpec | undefined
}

/** A process as the kernel's hooks take it: behind each answer stands the way over the bus. */
export const registrationOf = (
  { remote, specOf }: Parts,
  { party, instance, rank }: { party: Party; instance: Instance; rank: number },
): Registration => {
  const { asks = [] } = party.manifest
  return shapeOf(party.manifest, {
    ...{ title: party.title, instance: instance.id, rank, historySeen: instance.historySeen },
    callOf: (answer) =>
      callOf(remote, party.group, instance, { ...answer, asksOn: asks.length > 0 }, specOf(answer.hook)),
  })
}

/** The same for a look only: nobody is asked through it. */
export const lookOf = ({ manifest, instance }: Announce, title: string): Registration =>
  shapeOf(manifest, { title, instance, rank: undefined, historySeen: {}, callOf: () => () => null })

type Said = Omit<AnswerSaid, 'call'>

interface Shape {
  readonly title: string
  readonly instance: string
  readonly rank: number | undefined
  readonly historySeen: Readonly<Record<string, number>>
  readonly callOf: (answer: Said) => Call
}

const shapeOf = (manifest: Manifest, { title, instance, rank, historySeen, callOf }: Shape): Registration => {
  const { name, version, concurrency, labels, sideBySide, answers = [] } = manifest
  return {
    ...{ name: title, version, instance, concurrency, labels, rank, historySeen },
    ...(sideBySide ? { beside: { module: name, major: major(version) } } : {}),
    answers: answers.map((one) => {
      const answer: Said = { ...one, handler: one.handler ?? one.hook }
      return { ...answer, keepsTime: true, call: callOf(answer) }
    }),
  }
}

/**
 * What is told to every process goes to this very one, and so does what it has missed; every other question goes to the one that has
 * least in hand.
 */
const callOf = (
  remote: Parts['remote'],
  group: PeerGroup,
  instance: Instance,
  { handler, hook, isWrapper, asksOn }: Said & { readonly asksOn: boolean },
  spec: HookSpec | undefined,
): Call => {
  const asked = { handler, hook, isWrapper, asksOn }
  const toThisOne = remote.callForPeer(group, instance, asked)
  if (!spec?.historic) return remote.callFor(group, asked)
  if (spec.historic.replay !== 'module') return toThisOne
  const toAny = remote.callFor(group, asked)
  const isBehind = () => instance.state === 'replaying' || instance.state === 'standby'
  return (question, proceed) => (isBehind() ? toThisOne : toAny)(question, proceed)
}
