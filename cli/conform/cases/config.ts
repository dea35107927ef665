import { isDeepStrictEqual } from 'node:util'
import {
  type ConfigFields,
  type ConfigShown,
  ConfigTaken,
  configFields,
  flawsOfConfig,
  type KeptConfig,
  parseJson,
} from '@recyclique/contracts'
import { type Case, Fault, NotOwed } from '../case.ts'
import { isAnswering, readAs } from '../checks.ts'
import type { Back } from '../kernel/asking.ts'
import { NoSample, sampleOf } from '../sample.ts'
import type { Player, Stage } from '../stage.ts'
import { bodyOf } from './announce.ts'

const hasNone = ({ manifest }: Stage): string | undefined =>
  manifest.config && configFields(manifest.config).fields.size > 0 ? undefined : 'it has nothing to set'

export const takesConfig: Case = {
  name: 'config',
  words: 'takes what the kernel sets while it works (control.config), and says what is set now',
  applies: hasNone,
  async play(stage) {
    const player = await stage.atWork()
    const kept = goodConfig(stage)
    try {
      const taken = await set(stage, player, kept)
      if (!taken.ok) return `it says why it does not take it: ${taken.words}`
      const shown = [taken.config, await announcedConfig(stage, player)]
      for (const one of shown) if (one) mustShow(one, kept)
      return shown.some(Boolean) ? Object.keys(kept.values).join(', ') : 'it does not show what is set'
    } finally {
      await stage.clear()
    }
  },
}

export const refusesBadConfig: Case = {
  name: 'config-unfit',
  words: 'says why it does not take what does not fit its schema, and goes on as before',
  applies: hasNone,
  async play(stage) {
    const player = await stage.atWork()
    const kept = goodConfig(stage)
    try {
      const { ok } = await set(stage, player, kept)
      const unfit = badConfig(stage)
      for (const text of ['no JSON', JSON.stringify(unfit)]) {
        const taken = mustTake(stage, await player.asking.raw('control', 'config', text, stage.timeoutMs))
        if (!taken.ok) continue
        throw new Fault(
          `it took what does not fit: ${text.slice(0, 120)}`,
          'Look at it by the schema in manifest.json, and reply { "ok": false, "words": … } with what is wrong.',
        )
      }
      await isAnswering(stage, player)
      const shown = await announcedConfig(stage, player)
      if (ok && shown) mustShow(shown, kept)
    } finally {
      await stage.clear()
    }
  },
}

export const beginsWithConfig: Case = {
  name: 'config-kept',
  words: 'begins with what the kernel keeps for it, as it stands in the answer to its announce',
  applies: hasNone,
  async play(stage) {
    const kept = goodConfig(stage)
    try {
      const player = await stage.fresh({ state: 'admitted', config: kept })
      await stage.announced(player)
      await isAnswering(stage, player)
      const shown = await announcedConfig(stage, player)
      if (!shown) throw new NotOwed('it does not show what is set')
      mustShow(shown, kept)
    } finally {
      await stage.clear()
    }
  },
}

const ORIGIN = 'conform, by hand'

/** Something for each setting that is no secret: where a secret stands is known to the module's own machine alone. */
const goodConfig = (stage: Stage): KeptConfig => {
  const nth = stage.nextNth()
  const values = Object.fromEntries(open(stage).flatMap(({ key, schema }) => sampled(key, schema, nth)))
  if (Object.keys(values).length === 0) throw new NotOwed('it has only secrets to set, or nothing that a sample fits')
  return { values, origins: Object.fromEntries(Object.keys(values).map((key) => [key, ORIGIN])) }
}

const open = ({ manifest }: Stage) => [...configFields(manifest.config).fields.values()].filter((one) => !one.isSecret)

const sampled = (key: string, schema: object, nth: number): [string, unknown][] => {
  try {
    return [[key, sampleOf(schema, { is: 'full', nth }, key)]]
  } catch (error) {
    if (error instanceof NoSample) return []
    throw error
  }
}

const STRANGERS = ['a word', 7.5, -1e9, true, null, [], { strange: 'thing' }]

const badConfig = (stage: Stage): KeptConfig => {
  const fields: ConfigFields = configFields(stage.manifest.config)
  for (const { key } of open(stage)) {
    const value = STRANGERS.find((one) => flawsOfConfig(fields, { [key]: one }).length > 0)
    if (value !== undefined) return { values: { [key]: value }, origins: { [key]: ORIGIN } }
  }
  throw new NotOwed('its settings may be anything')
}

/** As a kernel does it: what it keeps stands in its answers to an announce from then on. */
const set = async (stage: Stage, player: Player, kept: KeptConfig): Promise<ConfigTaken> => {
  stage.kernel.answerWith({ state: 'admitted', config: kept })
  return mustTake(stage, await player.asking.config(kept, stage.timeoutMs))
}

const mustTake = (stage: Stage, back: Back): ConfigTaken => {
  if (typeof back === 'string')
    throw new Fault(
      back === 'nobody'
        ? 'nobody hears control.config'
        : `no answer to control.config within ${stage.timeoutMs / 1000} s`,
      HOW_TO_TAKE,
    )
  const taken = readAs((text) => parseJson(ConfigTaken, text, 'its answer'), back.text, HOW_TO_TAKE)
  if (!taken.ok && !taken.words)
    throw new Fault(
      'it does not take what is set, and does not say why',
      'The operator reads the words: name what is wrong.',
    )
  return taken
}

const HOW_TO_TAKE =
  'Subscribe to …<instance>.control.config, and reply { "ok": true } once it is in force, or { "ok": false, "words": … }.'

/** What it shows as set with its next announce; undefined where it shows nothing. */
const announcedConfig = async (stage: Stage, player: Player): Promise<ConfigShown | undefined> => {
  const from = stage.kernel.said.length
  player.asking.say('announce')
  const again = await stage.kernel.next('announce', { from, withinMs: stage.timeoutMs })
  if (!again) throw new NotOwed('it does not announce itself again: see announce-again')
  return bodyOf(again).config
}

const mustShow = (shown: ConfigShown, { values }: KeptConfig): void => {
  for (const [key, value] of Object.entries(values)) {
    const one = shown.find((entry) => entry.key === key)
    if (one && isDeepStrictEqual(one.value, value) && one.origin === ORIGIN) continue
    const found = one ? `${JSON.stringify(one.value)} from '${one.origin}'` : 'nothing'
    throw new Fault(
      `${key} was set to ${JSON.stringify(value)} from '${ORIGIN}', and it shows ${found}`,
      'What the kernel keeps lies over what the process was given; show each key with value and origin.',
    )
  }
}
