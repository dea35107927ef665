import { RegistrationRefused } from '../hooks/registration.ts'
import { presentIn } from './decide.ts'
import { unmetNeeds } from './needs.ts'
import { ownHooks } from './own-hooks.ts'
import type { Shared } from './parts.ts'
import { dropPending, type Instance, isLiving, type Party } from './party.ts'
import { registrationOf } from './to-registration.ts'

/** Who stands in the kernel's plans: coming, going, and one version in the place of another. */
export const openLifecycle = (shared: Shared) => {
  const { bus, hooks, log, remote, roster, settle, subjects } = shared
  const nameOf = ({ manifest: { name } }: Party) => name
  const say = (party: Party, id: string, what: 'announce' | 'drain') =>
    bus.say(subjects.toModule(nameOf(party), id, 'control', what), '')
  const sayToAll = (party: Party, what: 'announce' | 'drain') => {
    for (const [id, instance] of party.instances) if (isLiving(instance)) say(party, id, what)
  }

  /**
   * A process of a module that may work: it is told what it has missed, and then it is asked like its sisters. Resolves when it is in
   * the plans; rejects where it does not fit, or could not be told the past.
   */
  const join = async (party: Party, instance: Instance, rank: number): Promise<void> => {
    const { specs } = ownHooks(party.manifest)
    if (party.place !== 'in') clearPlace(party)
    const isFirst = ![...party.instances.values()].some(({ isJoined }) => isJoined)
    if (isFirst && specs.length > 0) declareAgain(party)
    Object.assign(party, { place: 'in', reasons: [], isNeedy: false })
    Object.assign(instance, { isJoined: true, state: 'replaying' })
    try {
      const registered = await hooks.register(registrationFor(party, instance, rank))
      if (registered.registered) for (const { words } of registered.warnings) log.warn({ module: nameOf(party) }, words)
    } catch (error) {
      leave(party, instance)
      if (instance.state === 'replaying') instance.state = 'standby'
      throw error
    }
    if (instance.state === 'replaying') instance.state = 'active'
    remote.forgive(nameOf(party))
    settle(nameOf(party), instance.id)
    revise()
  }

  const registrationFor = (party: Party, instance: Instance, rank: number) => {
    const { specs } = ownHooks(party.manifest)
    const specOf = (hook: string) => specs.find(({ name }) => name === hook) ?? hooks.book.specOf(hook)
    return registrationOf({ remote, specOf }, { party, instance, rank })
  }

  const declareAgain = ({ title, manifest }: Party) => {
    const { specs } = ownHooks(manifest)
    hooks.book.undeclare(title)
    for (const { words } of hooks.book.declare(title, specs))
      log.warn({ module: manifest.name }, `a module does not fit a hook that it waited for: ${words}`)
    callBack(specs.filter(({ historic }) => historic).map(({ name }) => name))
  }

  /** Whoever joined while these hooks were away may have missed what was asked before: it is asked to announce itself, and is told. */
  const callBack = (historic: readonly string[]) => {
    const answersOne = ({ manifest: { answers = [] } }: Party) => answers.some(({ hook }) => historic.includes(hook))
    for (const party of roster.all().filter(answersOne))
      for (const [id, instance] of party.instances) {
        if (!instance.isJoined) continue
        instance.mayHaveMissed = true
        say(party, id, 'announce')
      }
  }

  /** The name is free for it: what stood there before has no living process. */
  const clearPlace = (party: Party) => {
    for (const other of roster.inside(nameOf(party))) {
      if (other === party || other.title !== party.title) continue
      void hooks.unregister(other.title)
      other.place = 'leaving'
    }
  }

  /** Out of the hooks; what it was asked before it may still answer. */
  const leave = (party: Party, instance: Instance) => {
    if (!instance.isJoined) return
    instance.isJoined = false
    if (hooks.book.holds(party.title, instance.id)) hooks.leave(instance.id).catch(() => {})
    if (![...party.instances.values()].some(({ isJoined }) => isJoined)) hooks.book.undeclare(party.title)
  }

  /** Back to waiting: out of the plans at once; when no call that was begun with it is under way, it is asked to announce itself. */
  const takeOut = (party: Party, reasons: readonly string[], isNeedy: boolean) => {
    if (party.place !== 'in') return
    Object.assign(party, { place: 'leaving', reasons, isNeedy })
    for (const instance of party.instances.values()) instance.isJoined = false
    const drained = hooks.unregister(party.title)
    hooks.book.undeclare(party.title)
    log.info({ module: nameOf(party), reasons }, 'a module is taken out of the plans')
    settle(nameOf(party))
    void drained.then(() => {
      if (party.place !== 'leaving' || party.isOutdated) return
      party.place = 'standby'
      for (const instance of party.instances.values()) if (isLiving(instance)) instance.state = 'standby'
      sayToAll(party, 'announce')
    })
    revise()
  }

  /**
   * A newer version that is well: told the past while the old one answers on, and then in one turn of the event loop it is in the plans
   * and the old one is not. Calls under way are answered by the old one, whose processes end after that.
   */
  const takeOver = async (old: Party, party: Party, instance: Instance, rank: number): Promise<void> => {
    const { specs } = ownHooks(party.manifest)
    await hooks.takeOver(registrationFor(party, instance, rank), specs, () => {
      Object.assign(party, { place: 'in', reasons: [], isNeedy: false })
      Object.assign(instance, { isJoined: true, state: 'active' })
      Object.assign(old, { place: 'leaving', isOutdated: true })
      for (const one of old.instances.values()) one.isJoined = false
    })
    remote.forgive(nameOf(party))
    log.info(
      { module: nameOf(party), from: old.manifest.version, to: party.manifest.version },
      'a newer version has taken over',
    )
    sayToAll(party, 'announce')
    settle(nameOf(party), instance.id)
    revise()
    void hooks.drained(old.title).then(() => sayToAll(old, 'drain'))
  }

  /** Its process ended, or counts as ended: who waits for its answer hears so now. True where this is the first word of its death. */
  const end = (name: string, id: string, state: 'gone' | 'lost', isDeath: boolean): boolean => {
    const party = roster.partyWith(name, id)
    const instance = party?.instances.get(id)
    if (!party || !instance || instance.state === 'gone') return false
    log.info({ module: name, instance: id }, `a process of ${name} is ${state}`)
    const isFirstWord = instance.state !== 'lost'
    leave(party, instance)
    if (isDeath && isFirstWord) roster.familyOf(name).deaths += 1
    instance.state = state
    dropPending(instance, 'it ended while it was asked')
    settle(name, id)
    if (![...party.instances.values()].some(isLiving)) callWaiting(party)
    revise()
    return isDeath && isFirstWord
  }

  /** The last process of a version is gone: another version that waits behind it need not wait any more. */
  const callWaiting = (gone: Party) => {
    for (const other of roster.familyOf(nameOf(gone)).parties)
      if (other !== gone && other.place === 'standby' && !other.isNeedy) sayToAll(other, 'announce')
  }

  /** It wants no new work: nobody plans with it any more. */
  const drain = (name: string, id: string) => {
    const party = roster.partyWith(name, id)
    const instance = party?.instances.get(id)
    if (!party || !instance || !isLiving(instance)) return
    instance.state = 'draining'
    leave(party, instance)
    settle(name, id)
    revise()
    // Calls that were begun with it may still come to it: it goes when they are over.
    void hooks.drained(party.title).then(() => say(party, id, 'drain'))
  }

  /** It was away for a while, and is told things that are told to every process: some of them may be missing. */
  const mayHaveMissed = ({ manifest: { answers = [] } }: Party, instance: Instance) =>
    instance.isJoined && instance.mayHaveMissed && answers.some(({ hook }) => hooks.book.specOf(hook)?.historic)

  /** Somebody came or went: who needs whom is looked at again. Who can work now is asked to announce itself, who cannot is taken out. */
  const revise = () => {
    for (const party of roster.all()) {
      const missing = unmetNeeds(party.manifest, presentIn(shared))
      if (party.place === 'in' && missing.length > 0 && isAtWork(party)) return takeOut(party, missing, true)
      if (party.place !== 'in' && party.isNeedy && missing.length === 0) {
        party.isNeedy = false
        if (party.place === 'standby') sayToAll(party, 'announce')
      } else if (party.place === 'standby' && party.isNeedy) party.reasons = missing
    }
  }

  return { join, leave, takeOut, takeOver, end, drain, mayHaveMissed, sayToAll }
}

export type Lifecycle = ReturnType<typeof openLifecycle>

const isAtWork = ({ instances }: Party) => [...instances.values()].some(({ isJoined }) => isJoined)

/** The words of a refusal, one by one; of another error the one. */
export const wordsOf = (error: unknown): string[] =>
  error instanceof RegistrationRefused ? error.flaws.map(({ words }) => `${words}.`) : [`${(error as Error).message}.`]
