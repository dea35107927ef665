import type { Announce, Announced } from '@recyclique/contracts'
import type { Access } from './access.ts'
import { decide, type Verdict } from './decide.ts'
import type { Durables } from './durables.ts'
import { askHealth } from './health.ts'
import type { InTurn } from './in-turns.ts'
import { type Lifecycle, wordsOf } from './lifecycle.ts'
import { circleThrough } from './needs.ts'
import type { News } from './news.ts'
import type { PageBundles } from './page-bundles.ts'
import type { Said, Shared, Speaking } from './parts.ts'
import { dropPending, type Instance, type Party, type Rejection } from './party.ts'
import { claimed, readAnnounce } from './read-announce.ts'
import { upgrader } from './upgrade.ts'

interface Parts extends Shared {
  readonly lifecycle: Lifecycle
  readonly durables: Durables
  readonly access: Access
  readonly inTurn: InTurn
  readonly tell: (news: News) => void
  readonly pages: PageBundles
}

/** What the kernel does when a module says that it is there: whole, or not at all. */
export const openAnnounce = (parts: Parts) => {
  const { access, durables, inTurn, lifecycle, log, permissions, roster, settle, standings } = parts
  const upgrade = upgrader(parts)
  const at = () => parts.now().toISOString()
  const heartbeatMs = parts.heartbeatMs ?? 2_000

  const announced = (speaker: string, text: string): Promise<string> =>
    inTurn(speaker, async () => JSON.stringify(await answerTo(speaker, text)))

  const answerTo = async (speaker: string, text: string): Promise<Announced> => {
    const read = readAnnounce(text)
    if (Array.isArray(read)) return reject(speaker, { ...claimed(text), reasons: read })
    const said = permissions.within(read)
    const speaking = { speaker, said }
    const first = await verdictOn(speaking)
    if (first.state !== 'admitted') return hold(speaking, first)
    const rank = await prepare(said)
    // Looked at again: while its place was made, the world went on.
    const verdict = decide(parts, speaking)
    return verdict.state === 'admitted' ? admit(said, rank) : hold(speaking, verdict)
  }

  /** Where it waits for nothing but a grant, the centre's policy is looked at. */
  const verdictOn = async (speaking: Speaking): Promise<Verdict> => {
    const verdict = decide(parts, speaking)
    if (!verdict.asksFor || !(await permissions.grantByPolicy(speaking.speaker, verdict.asksFor))) return verdict
    return decide(parts, speaking)
  }

  /** The durable first: who is admitted may pull at once. Where that fails nobody is answered, and the module announces again. */
  const prepare = async (said: Said): Promise<number> => {
    const { name } = said.manifest
    await permissions.grantByPolicy(name, [])
    await access.admit(name, said)
    const floor = await durables.place(said)
    roster.familyOf(name).floor = floor
    const { rank, state } = standings.of(name)
    return rank === undefined || state === 'discovered' ? firstRank(said) : rank
  }

  const firstRank = async ({ manifest: { name, version }, instance }: Announce): Promise<number> => {
    const reason = 'It is let in for the first time.'
    const { rank } = await standings.change({ module: name, version, to: 'starting', reason, instance, isLetIn: true })
    if (rank === undefined) throw new Error(`${name} was given no rank`)
    return rank
  }

  const admit = async (said: Said, rank: number): Promise<Announced> => {
    const { name, version } = said.manifest
    const { party, instance, isNew } = enrol(said)
    const family = roster.familyOf(name)
    family.rejection = undefined
    if (isNew && family.deaths > 0) family.restarts.push(parts.now().getTime())
    // Whoever was lost and is back never died.
    if (family.deaths > 0 && (isNew || instance.state === 'lost')) family.deaths -= 1
    parts.tell({ is: 'admitted', module: name, said: asSaid(said), rank })
    if (lifecycle.mayHaveMissed(party, instance)) lifecycle.leave(party, instance)
    instance.mayHaveMissed = false
    if (instance.isJoined) parts.pages.admitted(party, instance, said)
    if (instance.isJoined) return answer(instance.state === 'replaying' ? 'replaying' : 'admitted', [], said)
    log.info({ module: name, instance: instance.id, version }, 'a module was admitted')
    return joined(party, instance, { said, rank })
  }

  /** What takes longer than this turn is the past that it must be told first: that goes on behind the answer. */
  const joined = async (party: Party, instance: Instance, { said, rank }: { said: Said; rank: number }) => {
    const { name } = said.manifest
    const joining = lifecycle.join(party, instance, rank).then(
      () => 'admitted' as const,
      (error) => failed(name, party, instance, error),
    )
    const state = await Promise.race([joining, turn().then(() => 'replaying' as const)])
    void joining.then((outcome) => (outcome === 'admitted' ? joinedNow(party, instance, said) : undefined))
    return state === 'failed' ? reject(name, rejectionOf(said, party.reasons)) : answer(state, [], said)
  }

  /** It is as if it had never announced itself; its next heartbeat makes it do so again. */
  const failed = (name: string, party: Party, { id }: Instance, error: unknown) => {
    party.reasons = wordsOf(error)
    log.warn({ module: name, instance: id, reasons: party.reasons }, 'a module could not join')
    roster.dismiss(name, id)
    settle(name, id)
    return 'failed' as const
  }

  const joinedNow = async (party: Party, instance: Instance, said: Announce) => {
    parts.pages.admitted(party, instance, said)
    instance.health = await askHealth(parts, party, instance, 1_000)
    settle(party.manifest.name, instance.id)
  }

  /** Everything but yes. */
  const hold = (speaking: Speaking, verdict: Verdict): Announced => {
    const { speaker, said } = speaking
    const { state, reasons, isNeedy = false, replaces } = verdict
    if (state === 'rejected') return reject(speaker, rejectionOf(said, reasons))
    const { party, instance } = enrol(said)
    roster.familyOf(speaker).rejection = undefined
    const isNews = party.reasons.join() !== reasons.join()
    if (party.place === 'in') lifecycle.takeOut(party, reasons, isNeedy)
    else Object.assign(party, { reasons, isNeedy })
    if (party.place === 'standby') instance.state = 'standby'
    // It asks again every few seconds: said once for each new reason.
    if (isNews) log.info({ module: speaker, instance: said.instance, reasons }, `a module is ${state}`)
    parts.tell({ is: 'held', module: speaker, said: asSaid(said), reasons: [...reasons], isNeedy })
    settle(speaker, said.instance)
    if (replaces) void upgrade(speaking, { party, instance })
    return answer(state, reasons, said)
  }

  /** The process in its place. One that bears the id of another is its successor: the other is dead, even where nobody saw it die. */
  const enrol = (said: Said) => {
    const { name } = said.manifest
    const party = roster.partyWith(name, said.instance)
    const before = party?.instances.get(said.instance)
    const isSuccessor = before !== undefined && before.startedAt !== said.startedAt
    if (party && before && isSuccessor) {
      lifecycle.leave(party, before)
      if (before.state !== 'gone' && before.state !== 'lost') roster.familyOf(name).deaths += 1
      dropPending(before, 'it ended while it was asked')
    }
    return { ...roster.enrol(said, at()), isNew: before === undefined || isSuccessor }
  }

  const reject = (name: string, rejection: Rejection): Announced => {
    roster.familyOf(name).rejection = rejection
    log.warn({ module: name, reasons: rejection.reasons }, 'a module was rejected')
    settle(name)
    tellTheCircle(rejection)
    return answer('rejected', rejection.reasons)
  }

  /** Who waits for somebody who waits for it in turn waits in vain: it is asked to announce itself, and hears so. */
  const tellTheCircle = ({ manifest }: Rejection) => {
    if (!manifest) return
    const waiting = roster.all().filter(({ isNeedy, place }) => isNeedy && place === 'standby')
    const manifests = [manifest, ...roster.all().map((party) => party.manifest)]
    for (const party of waiting) if (circleThrough(party.manifest, manifests)) lifecycle.sayToAll(party, 'announce')
  }

  const answer = (state: Announced['state'], reasons: readonly string[], said?: Said): Announced => {
    const hears = said?.manifest.hears ?? []
    const config = said && parts.configs.of(said.manifest.name)
    const isIn = state === 'admitted' || state === 'replaying'
    const { subjects } = parts
    const withheld = said ? permissions.withheld(said.whole ?? said.manifest) : []
    const passed = said && durables.passedBy(said)
    const hearing = {
      ...{ stream: subjects.stream, durable: subjects.durable(said?.manifest.name ?? 'none') },
      ...(passed === undefined ? {} : { passed }),
    }
    return {
      ...{ state, reasons: [...reasons], kernel: parts.kernel, heartbeatMs },
      ...(isIn && hears.length > 0 ? { hearing } : {}),
      ...(config ? { config } : {}),
      ...(withheld.length > 0 ? { withheld } : {}),
    }
  }

  /** What came too often, or is too large, is not looked at. */
  const refused = (why: string): string => JSON.stringify(answer('waiting', [why]))

  return { announced, refused, enrol }
}

/** Everything that needs no answer from outside is done by then. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** For the other kernels, each of which looks by itself at what is withheld. */
const asSaid = ({ whole, ...said }: Said): Announce => ({ ...said, manifest: whole ?? said.manifest })

const rejectionOf = ({ manifest }: Announce, reasons: readonly string[]): Rejection => ({
  ...{ version: manifest.version, description: manifest.description, reasons, manifest },
})
