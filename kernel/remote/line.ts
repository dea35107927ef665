import type { HookCall, Subjects } from '@recyclique/contracts'
import type { Question } from '../hooks/step.ts'
import type { Guard } from './guard.ts'
import type { Peer, PeerGroup } from './peer.ts'

/** One line of `answers` in a manifest, as far as asking goes. */
export interface Asked {
  readonly handler: string
  readonly hook: string
  readonly isWrapper?: boolean | undefined
  /** Its module may ask on from inside a question: what stands around that is remembered while it is at work. */
  readonly asksOn?: boolean | undefined
}

/** The way to one handler of a module, with everything about it that is the same for each question. */
export interface Line {
  readonly group: PeerGroup
  readonly asked: Asked
  readonly guard: Guard
  /** Where a process of the module hears this question. */
  subjectOf(peer: Peer): string
  /** The question as it is sent. */
  bodyOf(question: Question, proceed: string | undefined): string
}

interface LineParts {
  readonly subjects: Subjects
  /** This kernel's own name. */
  readonly kernel: string
  readonly guard: Guard
}

export const openLine = (group: PeerGroup, asked: Asked, { subjects, kernel, guard }: LineParts): Line => {
  const known = new WeakMap<Peer, string>()
  const { hook, handler } = asked
  // Written once: what a question adds is put behind it.
  const begin = JSON.stringify({ hook, handler, kernel }).slice(0, -1)
  return {
    ...{ group, asked, guard },
    subjectOf(peer) {
      const subject = known.get(peer) ?? subjects.toModule(group.module, peer.id, 'hook', hook)
      known.set(peer, subject)
      return subject
    },
    bodyOf({ version, args, callId, depth, deadline, parentId, seq }, proceed) {
      const rest: Omit<HookCall, 'hook' | 'handler' | 'kernel'> = { version, callId, depth, deadline, args }
      if (parentId !== undefined) rest.parentId = parentId
      if (proceed !== undefined) rest.proceed = proceed
      if (seq !== undefined) rest.seq = seq
      return `${begin},${JSON.stringify(rest).slice(1)}`
    },
  }
}
