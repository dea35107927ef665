import type { ModuleState, ModuleView } from '@recyclique/contracts'
import type { ModuleLine } from './overview.ts'

type Explained = {
  name: string
  /** What the kernel says; undefined where it does not know the name, or nothing runs. */
  view: ModuleView | undefined
  isRunning: boolean
  /** What lies here; undefined where nothing of that name does. */
  line: ModuleLine | undefined
}

/** Why a module is not at work, in one list, and what to type. Everything that is known, and nothing that is guessed. */
export const explain = ({ name, view, isRunning, line }: Explained): string[] => {
  if (!view && !line) return [`Nobody knows a module ${name}: \`recyclique modules list\` shows those that there are.`]
  const reasons = [
    ...new Set([...hereReasons({ view, isRunning, line }), ...(view?.reasons ?? []), ...(line?.remarks ?? [])]),
  ].filter((reason) => !view?.notes?.includes(reason))
  return [
    `${name} ${view?.version ?? line?.version ?? ''} ${STATES[view?.state ?? (isRunning ? 'discovered' : 'stopped')]}.`.replace(
      '  ',
      ' ',
    ),
    ...(reasons.length > 0 ? ['', view?.state === 'active' ? 'To be known:' : 'What keeps it from being active:'] : []),
    ...reasons.map((reason) => `  - ${reason}`),
    ...section(
      'Although it works:',
      (view?.notes ?? []).map((note) => `- ${note}`),
    ),
    ...section('What to do:', advice(name, view, line, isRunning)),
    ...section('What happened last:', (view?.transitions ?? []).slice(0, LAST).map(changeOf)),
  ]
}

const LAST = 5

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]

const STATES: Readonly<Record<ModuleState, string>> = {
  active: 'is at work',
  degraded: 'is at work, but not well',
  replaying: 'is told first what it has missed, and then works',
  starting: 'is being let in',
  pending: 'waits',
  draining: 'finishes what it has in hand, and ends',
  stopped: 'does not run',
  failed: 'was not heard of for a while',
  rejected: 'was refused',
  blocked: 'is blocked',
  disabled: 'is disabled',
  discovered: 'has never announced itself',
}

const hereReasons = ({ view, isRunning, line }: Omit<Explained, 'name'>): string[] => [
  ...(isRunning ? [] : ['Nothing runs on this data folder.']),
  ...(line && !line.isWanted ? ['The configuration does not enable it.'] : []),
  ...(view && !line?.version && line?.from === 'elsewhere'
    ? ['It does not lie here: it is started by somebody else, or was removed.']
    : []),
]

const advice = (
  name: string,
  view: ModuleView | undefined,
  line: ModuleLine | undefined,
  isRunning: boolean,
): string[] => {
  if (!isRunning) return ['npx recyclique up']
  if (view?.blocked) return [`npx recyclique modules unblock ${name}`]
  if (view?.state === 'blocked')
    return (view.blockedVersions ?? []).map(
      (one) => `npx recyclique modules unblock ${name} --versions '${one.versions}'`,
    )
  if (view?.desired === 'disabled') return [`npx recyclique modules enable ${name}`]
  if (line && !line.isWanted) return [`write \`- { name: ${name} }\` under modules in recyclique.yaml`]
  if (view?.state === 'rejected')
    return [`mend it, give it a new version, and: npx recyclique modules upgrade ${name} FOLDER`]
  if (view && view.deadLetters > 0) return [`npx recyclique dead list --module ${name}`]
  if (view?.state === 'stopped' || view?.state === 'failed')
    return ['look at its lines in the log of `npx recyclique up`']
  return []
}

const changeOf = ({ at, from, to, version, reason }: NonNullable<ModuleView['transitions']>[number]): string =>
  `${at.slice(0, 19).replace('T', ' ')} UTC  ${version.padEnd(8)} ${from} → ${to}${reason === '' ? '' : `: ${reason}`}`
