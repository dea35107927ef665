import { parseJson, SERVICE_ANSWERS, SERVICE_VERBS } from '@recyclique/contracts'
import { type Case, Fault, NotOwed } from '../case.ts'
import { readAs } from '../checks.ts'

/** The server does not say that nobody hears it: these subjects are another account's, under another name. */
const PRESENT_WITHIN_MS = 3_000

/** A module need not be one: then the tools of NATS do not list it. */
export const isService: Case = {
  name: 'service',
  words: 'is a service of NATS, under its own name ($SRV.PING, INFO, STATS)',
  async play(stage) {
    const { asking, process } = await stage.atWork()
    const { name, version } = stage.manifest
    const endpoints: number[] = []
    for (const verb of SERVICE_VERBS) {
      const isFirst = verb === 'PING'
      const back = await asking.service(verb, isFirst ? Math.min(PRESENT_WITHIN_MS, stage.timeoutMs) : stage.timeoutMs)
      if (isFirst && typeof back === 'string') throw new NotOwed('it is none: the tools of NATS do not list it')
      if (typeof back === 'string')
        throw new Fault(`no answer to $SRV.${verb}`, 'Answer all three: PING, INFO and STATS.')
      const said = readAs(
        (text) => parseJson(SERVICE_ANSWERS[verb], text, `its answer to $SRV.${verb}`),
        back.text,
        `Reply what docs/schemas/service-${verb.toLowerCase()}.json says.`,
      )
      if (said.name !== name || said.id !== process.instance || said.version !== version)
        throw new Fault(
          `it answers $SRV.${verb} as ${said.name} ${said.version} (${said.id})`,
          'name and version are the manifest’s, id is the instance (RECYCLIQUE_INSTANCE).',
        )
      if ('endpoints' in said) endpoints.push((said.endpoints as unknown[]).length)
    }
    return `${endpoints[0]} endpoints`
  },
}
