import { Misfit, parseJson, readServicesSubject, SERVICE_ANSWERS, type ServiceVerb } from '@recyclique/contracts'
import { openBuckets } from './buckets.ts'
import type { Complaints } from './complaints.ts'
import type { Shared } from './parts.ts'
import type { Instance } from './party.ts'

type Parts = Pick<Shared, 'bus' | 'roster' | 'subjects' | 'now'> & { readonly complaints: Complaints }

/** One kernel hands on. */
const QUEUE = 'kernel'

/** The tools of NATS wait for a third of a second after the last answer. */
const ANSWER_WITHIN_MS = 1_000

/** One question of an onlooker is one to each process of each module. */
const PACE = { perSecond: 10, burst: 30 }

const MOST_BYTES = 256_000

const AS_ANOTHER = 'as somebody else: that is not shown'
const UNREADABLE = 'in a form that cannot be read: that is not shown'

/**
 * What the tools of NATS ask of services, from the operator's account to each process of each module, and the answers back. The modules'
 * accounts hear of each other nothing; and since the kernel knows whom it has asked, nobody can answer as somebody else. Who answers
 * nothing is not shown: a module need not be a service.
 */
export const openServices = ({ bus, roster, subjects, now, complaints }: Parts): (() => void) => {
  const buckets = openBuckets(now)

  const ask = async (module: string, instance: Instance, verb: ServiceVerb): Promise<string | undefined> => {
    const asked = bus.ask(subjects.toService(module, instance.id, verb), '', { withinMs: ANSWER_WITHIN_MS })
    const text = await asked.catch(() => undefined)
    if (text === undefined) return undefined
    const wrong = wrongIn(text, verb, { name: module, id: instance.id, version: instance.version })
    if (wrong === undefined) return text
    complaints.note(module, `It answers $SRV.${verb} ${wrong.words}.`, wrong.details)
    return undefined
  }

  return bus.serveMany(
    subjects.services,
    async ({ subject }, answer) => {
      const wanted = readServicesSubject(subject)
      if (!wanted || buckets.isOver('services', PACE)) return
      const there = roster
        .all()
        .filter(({ manifest }) => manifest.name === (wanted.module ?? manifest.name))
        .flatMap(({ manifest, instances }) => [...instances.values()].map((instance) => ({ manifest, instance })))
        .filter(({ instance }) => instance.id === (wanted.instance ?? instance.id))
      await Promise.all(
        there.map(async ({ manifest, instance }) => {
          const text = await ask(manifest.name, instance, wanted.verb)
          if (text !== undefined) answer(text)
        }),
      )
    },
    QUEUE,
  )
}

type Who = { readonly name: string; readonly id: string; readonly version: string }

const wrongIn = (text: string, verb: ServiceVerb, who: Who): { words: string; details: string } | undefined => {
  if (text.length > MOST_BYTES) return { words: UNREADABLE, details: `${text.length} characters` }
  try {
    const { name, id, version } = parseJson(SERVICE_ANSWERS[verb], text, `The answer to ${verb}`)
    const isItself = name === who.name && id === who.id && version === who.version
    return isItself ? undefined : { words: AS_ANOTHER, details: `${name} ${version} (${id})`.slice(0, 200) }
  } catch (error) {
    if (error instanceof Misfit) return { words: UNREADABLE, details: error.message }
    throw error
  }
}
