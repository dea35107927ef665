import type { DatabaseSync } from 'node:sqlite'
import { centsOf } from './amounts.ts'
import { dayOf, french } from './dates.ts'

/** A refusal, in Paheko's own words. */
export class Refused extends Error {}
/** What makes it answer 500 with a page. */
export class Crashed extends Error {}

type Given = Readonly<Record<string, unknown>>

interface Year {
  readonly id: number
  readonly label: string
  readonly start_date: string
  readonly end_date: string
  readonly status: number
  readonly id_chart: number
}

interface Line {
  readonly id_account: number
  readonly debit: number
  readonly credit: number
  readonly reference: string | null
  readonly label: string | null
  readonly id_project: number | null
}

const MOST_CENTS = 99_999_999_999

/** Makes an entry of several lines as Paheko does, and gives its number. What it says of links comes when the entry is kept already. */
export const createEntry = (db: DatabaseSync, given: Given, today: string): number => {
  if (!Object.hasOwn(given, 'id_year')) throw new Refused("L'ID de l'exercice doit être renseigné.")
  const yearId = yearIdOf(db, given, today)
  if (!Object.hasOwn(given, 'type')) throw new Refused("Type d'écriture inconnu : ")
  const { label } = given
  if (label === null) throw new Crashed()
  const day = Object.hasOwn(given, 'date') ? read(dayOf(given.date)) : undefined
  const year = db.prepare('SELECT * FROM acc_years WHERE id = ?').get(yearId) as Year | undefined
  const lines = linesOf(db, given.lines, year)
  if (label === undefined || String(label).trim() === '') throw new Refused('Le champ libellé ne peut rester vide.')
  fits('libellé', label, 200)
  fits('numéro de pièce comptable', given.reference, 200)
  fits('remarques', given.notes, 2000)
  if (day === undefined) throw new Refused('Le champ date ne peut rester vide.')
  if (!year) throw new Crashed()
  checkYear(year, day)
  if (lines.length === 0) throw new Refused('Cette écriture ne comporte aucune ligne.')
  if (lines.length < 2) throw new Refused('Cette écriture comporte moins de deux lignes.')
  balanced(lines)
  unmixed(db, lines)
  const creator = given.id_creator ?? null
  if (creator !== null && !db.prepare('SELECT 1 FROM users WHERE id = ?').get(Number(creator)))
    throw new Refused("Le membre créateur de l'écriture n'existe pas ou plus")
  const id = insert(db, { ...given, label: String(label), date: day, id_year: year.id }, lines)
  link(db, id, given)
  return id
}

const yearIdOf = (db: DatabaseSync, { id_year: wanted, date }: Given, today: string): number => {
  if (wanted === null) throw new Refused("L'identifiant de l'exercice comptable n'est pas précisé.")
  const around = wanted === 'match' ? read(dayOf(date)) : today
  if (wanted !== 'match' && wanted !== 'current' && wanted !== 0) return Number.parseInt(String(wanted), 10) || -1
  const found =
    wanted === 0
      ? undefined
      : db
          .prepare(
            'SELECT id FROM acc_years WHERE status = 0 AND ? BETWEEN start_date AND end_date ORDER BY start_date',
          )
          .get(around)
  if (!found) throw new Refused(`Cannot find a valid open year matching "${wanted}"`)
  return Number(found.id)
}

const read = (found: ReturnType<typeof dayOf>): string => {
  if ('crash' in found) throw new Crashed()
  if ('error' in found) throw new Refused(found.error)
  return found.day
}

const linesOf = (db: DatabaseSync, given: unknown, year: Year | undefined): Line[] => {
  if (typeof given !== 'object' || given === null) return []
  return rowsOf(given).map((row, nth) => lineOf(db, row, nth + 1, year))
}

/** A list, an object with any keys, or columns as a form has them. */
const rowsOf = (given: object): Given[] => {
  const { account } = given as { account?: unknown }
  if (!Array.isArray(account)) return Object.values(given)
  return account.map((_, nth) =>
    Object.fromEntries(Object.entries(given).map(([key, list]) => [key, (list as unknown[])[nth]])),
  )
}

const lineOf = (db: DatabaseSync, row: Given, nth: number, year: Year | undefined): Line => {
  const account = accountOf(db, row, nth, year)
  const [debit, credit] = [row.debit, row.credit].map((amount) => {
    if (typeof amount === 'object' && amount !== null) throw new Refused('Invalid argument type: array')
    const cents = centsOf(amount)
    if (cents !== undefined && cents !== null && cents > MOST_CENTS)
      throw new Refused(`Ligne ${nth} : Le montant ne peut être supérieur à un milliard`)
    if (cents === undefined) throw new Refused('Le montant est invalide : . Exemple de format accepté : 142,02')
    return cents ?? 0
  }) as [number, number]
  for (const text of [row.label, row.reference])
    if (Buffer.byteLength(String(text ?? '')) >= 200)
      throw new Refused(`Ligne ${nth} : La référence doit faire moins de 200 caractères.`)
  if (debit > 0 && credit > 0) throw new Refused(`Ligne ${nth}: non équilibrée, crédit ou débit doit valoir zéro.`)
  if (debit === 0 && credit === 0) throw new Refused(`Ligne ${nth}: Aucun montant au débit ou au crédit`)
  const project = row.id_project ?? null
  if (project !== null && !db.prepare('SELECT 1 FROM acc_projects WHERE id = ?').get(Number(project) || 0))
    throw new Refused(`Ligne ${nth} : Le projet analytique indiqué n'existe pas.`)
  return {
    ...{ id_account: account, debit, credit, id_project: project === null ? null : Number(project) },
    ...{ reference: textOf(row.reference), label: textOf(row.label) },
  }
}

const accountOf = (
  db: DatabaseSync,
  { account, id_account: id }: Given,
  nth: number,
  year: Year | undefined,
): number => {
  if (account !== undefined && account !== null) {
    const found = db
      .prepare('SELECT id FROM acc_accounts WHERE code = ? AND id_chart = ?')
      .get(String(account), year?.id_chart ?? -1)
    if (!found) throw new Refused(`Le compte avec le code "${account}" sur la ligne ${nth} n'existe pas.`)
    return Number(found.id)
  }
  if (id === undefined || id === null) throw new Refused(`Ligne ${nth} : aucun compte n'a été sélectionné`)
  if (!year) throw new Crashed()
  if (!db.prepare('SELECT 1 FROM acc_accounts WHERE id = ? AND id_chart = ?').get(Number(id), year.id_chart))
    throw new Refused(`Ligne ${nth}: le compte spécifié n'est pas lié au bon plan comptable`)
  return Number(id)
}

const fits = (field: string, given: unknown, most: number) => {
  if (Buffer.byteLength(String(given ?? '')) > most)
    throw new Refused(`Le champ ${field} ne peut faire plus de ${most} caractères.`)
}

const checkYear = ({ status, label, start_date, end_date }: Year, day: string) => {
  if (status === 1) throw new Refused('Impossible de modifier un exercice clôturé.')
  if (status === 2) throw new Refused('Impossible de modifier un exercice verrouillé.')
  if (day < start_date || day > end_date)
    throw new Refused(
      `La date (${french(day)}) de l'écriture ne correspond pas à l'exercice "${label}" : la date doit être entre le ${french(start_date)} et le ${french(end_date)}.`,
    )
}

const balanced = (lines: readonly Line[]) => {
  const off = lines.reduce((sum, { debit, credit }) => sum + credit - debit, 0)
  if (off !== 0) {
    const amount = `${off < 0 ? '-' : ''}${Math.floor(Math.abs(off) / 100)},${String(Math.abs(off) % 100).padStart(2, '0')}`
    throw new Refused(`Écriture non équilibrée : déséquilibre (${amount}) entre débits et crédits`)
  }
}

const unmixed = (db: DatabaseSync, lines: readonly Line[]) => {
  const codes = lines.map(({ id_account }) =>
    String(db.prepare('SELECT code FROM acc_accounts WHERE id = ?').get(id_account)?.code),
  )
  const volunteering = codes.filter((code) => code.startsWith('8'))
  if (volunteering.length > 0 && volunteering.length < codes.length)
    throw new Refused(
      "Il n'est pas possible d'avoir dans la même écriture des comptes de bénévolat (classe 8) et des comptes d'autres classes",
    )
}

const insert = (db: DatabaseSync, given: Given, lines: readonly Line[]): number => {
  const { lastInsertRowid } = db
    .prepare(
      'INSERT INTO acc_transactions (type, status, label, notes, reference, date, hash, id_year, id_creator) VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      Number(given.status ?? 0),
      String(given.label),
      textOf(given.notes)?.replaceAll('\r\n', '\n') ?? null,
      textOf(given.reference)?.trim() || null,
      String(given.date),
      textOf(given.hash),
      Number(given.id_year),
      given.id_creator === undefined || given.id_creator === null ? null : Number(given.id_creator),
    )
  const id = Number(lastInsertRowid)
  for (const { id_account, debit, credit, reference, label, id_project } of lines)
    db.prepare(
      'INSERT INTO acc_transactions_lines (id_transaction, id_account, debit, credit, reference, label, id_project) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(id, id_account, debit, credit, reference, label, id_project)
  return id
}

const textOf = (given: unknown): string | null =>
  given === undefined || given === null || given === '' ? null : String(given)

/** The entry stands by now, whatever is wrong with its links. */
const link = (db: DatabaseSync, id: number, { linked_users: users, linked_transactions: others }: Given) => {
  if (users !== undefined && users !== null) linkUsers(db, id, [users].flat())
  if (others === undefined || others === null) return
  for (const other of [others].flat())
    if (!db.prepare('SELECT 1 FROM acc_transactions WHERE id = ?').get(Number(other))) throw new Crashed()
}

/** Takes the place of all that were linked before; nothing is changed where one is unknown. */
export const linkUsers = (db: DatabaseSync, id: number, users: readonly unknown[]): void => {
  for (const [nth, user] of users.entries()) {
    if (!/^\d+$/.test(String(user))) throw new Refused(`Array item #${nth}: "${user}" is not a valid user ID`)
    if (!db.prepare('SELECT 1 FROM users WHERE id = ?').get(Number(user)))
      throw new Refused(`User ID does not exist: ${user}`)
  }
  db.prepare('DELETE FROM acc_transactions_users WHERE id_transaction = ?').run(id)
  for (const user of users) db.prepare('INSERT INTO acc_transactions_users VALUES (?, ?)').run(id, Number(user))
}
