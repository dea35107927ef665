import { escaped } from '@recyclique/sdk'
import type { DoneRecord, OpenRecord } from './record.ts'
import { WORST_FIRST } from './state.ts'
import { STYLE } from './style.ts'
import { CODE_WORDS, STATE_WORDS } from './words.ts'

interface Shown {
  readonly open: readonly OpenRecord[]
  readonly done: readonly DoneRecord[]
  /** Where it cannot work at all: why. */
  readonly trouble: string | undefined
  readonly now: Date
}

/** Which sessions are in the accounts and which are not, why, and what to do: for the manager. No script, nothing fetched from elsewhere. */
export const pageOf = ({ open, done, trouble, now }: Shown): string => `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="20">
<title>${open.length === 0 ? 'Comptabilité à jour' : `${open.length} session(s) à suivre`} · Paheko</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Comptabilité dans Paheko</h1>
<p class="lead">${escaped(summary(open))}</p>
${trouble === undefined ? '' : `<div class="card"><p class="state rejected">Le module n’est pas prêt.</p><p>${escaped(trouble)}</p></div>`}
${[...open]
  .sort(worstFirst)
  .map((one) => card(one, now))
  .join('\n')}
${done.length === 0 ? '' : table(done)}
<footer>Une écriture par session de caisse clôturée. Se met à jour tout seul, toutes les 20 secondes.</footer>
</main>
</body>
</html>
`

const summary = (open: readonly OpenRecord[]): string => {
  if (open.length === 0) return 'Toutes les sessions transmises sont dans Paheko.'
  const counts = WORST_FIRST.map((state) => [state, open.filter((one) => one.state === state).length] as const)
  return counts
    .flatMap(([state, count]) =>
      count === 0
        ? []
        : [`${count} ${STATE_WORDS[state]}${count > 1 && state !== 'to-retry' && state !== 'quarantined' ? 's' : ''}`],
    )
    .join(', ')
}

const worstFirst = (a: OpenRecord, b: OpenRecord): number =>
  WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || a.position - b.position

const card = (one: OpenRecord, now: Date): string => {
  const { registerId, businessDate, state, code, words, attempts, nextAt, reference, sessionId, lastTry } = one
  const { why, todo } = CODE_WORDS[code]
  return `<section class="card">
<header><h3>${escaped(registerId)}, ${escaped(dayInWords(businessDate))}</h3> <span class="state ${state}">${STATE_WORDS[state]}</span></header>
<p>${escaped(why)}${words === undefined ? '' : ` <em>« ${escaped(words)} »</em>`}</p>
${todo === '' ? '' : `<p><strong>À faire :</strong> ${escaped(todo)}</p>`}
${lastTry === undefined ? '' : `<p class="soft">Dernier essai : ${escaped(CODE_WORDS[lastTry.code].why)}${lastTry.words === undefined ? '' : ` « ${escaped(lastTry.words)} »`}</p>`}
<p class="soft">${escaped(reference)} · ${attempts} essai(s)${nextAt === undefined ? '' : ` · prochain essai ${escaped(when(nextAt, now))}`}</p>
<form method="post" action="sessions/${encodeURIComponent(sessionId)}/retry"><button>Réessayer</button></form>
</section>`
}

const table = (done: readonly DoneRecord[]): string => `<h2>Dernières sessions résolues</h2>
<div class="card wide"><table>
<thead><tr><th>Jour</th><th>Caisse</th><th>Écriture</th><th>Référence</th></tr></thead>
<tbody>
${done.map(row).join('\n')}
</tbody></table></div>`

const row = ({ businessDate, registerId, entry, reference, code }: DoneRecord): string =>
  `<tr><td>${escaped(dayInWords(businessDate))}</td><td>${escaped(registerId)}</td><td>${entry === undefined ? escaped(CODE_WORDS[code].why) : `n° ${entry.id}`}</td><td class="soft">${escaped(reference)}</td></tr>`

const when = (instant: string, now: Date): string => {
  const seconds = Math.round((Date.parse(instant) - now.getTime()) / 1000)
  if (seconds <= 5) return 'maintenant'
  return seconds < 90 ? `dans ${seconds} secondes` : `dans ${Math.round(seconds / 60)} minutes`
}

const WORDS = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeZone: 'UTC' })
const dayInWords = (day: string): string => WORDS.format(new Date(`${day}T00:00:00Z`))
