import { escaped } from '@recyclique/sdk'
import type { CategoryGrams, DayFigures, Kilos } from './store.ts'
import { STYLE } from './style.ts'

/** The day as a page: everything in one file, nothing fetched from elsewhere, no script. Loads itself anew every five seconds. */
export const pageOf = (day: DayFigures, today: string): string => {
  // One scale for both sides, so that a bar on the left compares with one on the right.
  const most = Math.max(1, ...[...day.in.categories, ...day.out.categories].map(({ grams }) => grams))
  return `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="5">
<title>${euros(day.takingsCents)} · ${day.date === today ? 'Aujourd’hui' : dayInWords(day.date)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${day.date === today ? 'Aujourd’hui' : 'Chiffres du jour'}</h1>
<p>${escaped(dayInWords(day.date))}</p>
</header>
<dl class="tiles">
${tile('Recettes', euros(day.takingsCents), 'ventes moins remboursements')}
${tile('Dons', euros(day.donationsCents), 'laissés à la caisse')}
${tile('Tickets', whole(day.tickets), 'annulations déduites')}
</dl>
<div class="sides">
${side('Entrées', day.in, { most, empty: 'Rien n’a été pesé.', hint: '' })}
${side('Sorties', day.out, { most, empty: 'Rien n’est sorti.', hint: `${kilos(day.out.tillGrams)} en caisse, ${kilos(day.out.exitGrams)} hors caisse` })}
</div>
<footer>Se met à jour tout seul, toutes les 5 secondes.</footer>
</main>
</body>
</html>
`
}

const tile = (label: string, value: string, hint: string): string =>
  `<div class="tile"><dt>${label}</dt><dd>${value}</dd><dd class="hint">${hint}</dd></div>`

type Side = { most: number; empty: string; hint: string }

const side = (title: string, { grams, categories }: Kilos, { most, empty, hint }: Side): string => `<section>
<h2><span>${title}</span> <span>${kilos(grams)}</span></h2>
${hint && categories.length > 0 ? `<p class="hint">${hint}</p>` : ''}
${categories.length > 0 ? `<ul>${categories.map((one) => row(one, most)).join('\n')}</ul>` : `<p class="empty">${empty}</p>`}
</section>`

/** More came back than went out: then there is a number below zero, and no bar. */
const row = ({ categoryName, grams }: CategoryGrams, most: number): string => {
  const percent = Math.max(0, (grams / most) * 100).toFixed(1)
  return `<li><span class="name">${escaped(categoryName)}</span><span class="grams">${kilos(grams)}</span><span class="bar"><i style="width:${percent}%"></i></span></li>`
}

const euros = (cents: number): string => EUROS.format(cents / 100)
const kilos = (grams: number): string => `${KILOS.format(grams / 1000)} kg`
const whole = (count: number): string => WHOLE.format(count)

const EUROS = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' })
const KILOS = new Intl.NumberFormat('fr-FR', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const WHOLE = new Intl.NumberFormat('fr-FR')
const WORDS = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'full', timeZone: 'UTC' })

const dayInWords = (day: string): string => WORDS.format(new Date(`${day}T00:00:00Z`))
