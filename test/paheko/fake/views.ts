import type { DatabaseSync } from 'node:sqlite'

/** An entry as it is given back: amounts in cents, the date an object. */
export const entryView = (db: DatabaseSync, id: number, base: string): object | undefined => {
  const entry = db.prepare('SELECT * FROM acc_transactions WHERE id = ?').get(id)
  if (!entry) return undefined
  const { type, status, label, notes, reference, date, hash, prev_id, prev_hash, id_year, id_creator } = entry
  return {
    ...{ id, type, status, label, notes, reference },
    date: { date: `${date} 00:00:00.000000`, timezone_type: 3, timezone: 'Europe/Paris' },
    ...{ hash, prev_id, prev_hash, id_year, id_creator },
    url: `${base}/admin/acc/transactions/details.php?id=${id}`,
    lines: db
      .prepare(
        `SELECT l.*, a.code AS account_code, a.label AS account_label, a.position AS account_position, a.type AS account_type
         FROM acc_transactions_lines l JOIN acc_accounts a ON a.id = l.id_account WHERE l.id_transaction = ? ORDER BY l.id`,
      )
      .all(id)
      .map(({ account_code, account_label, account_position, account_type, ...line }) => ({
        ...{ ...line, reconciled: false, id_letter: null, status: 0 },
        ...{ account_code, account_label, account_position, account_type },
        account_selector: { [String(line.id_account)]: `${account_code} — ${account_label}` },
      })),
  }
}

const TAGS = ['open', 'closed', 'locked']

export const yearsView = (db: DatabaseSync): object[] =>
  db
    .prepare(
      `SELECT y.id, y.label, y.start_date, y.end_date, y.status, y.id_chart,
        (SELECT COUNT(*) FROM acc_transactions t WHERE t.id_year = y.id) AS nb_transactions, 0 AS nb_fees, c.label AS chart_name
       FROM acc_years y JOIN acc_charts c ON c.id = y.id_chart ORDER BY y.start_date DESC`,
    )
    .all()
    .map((year) => ({ ...year, status_tag_preset: TAGS[Number(year.status)] }))

export const chartsView = (db: DatabaseSync): object[] =>
  db
    .prepare('SELECT id, label, country, code, archived FROM acc_charts ORDER BY label')
    .all()
    .map((chart) => ({ ...chart, archived: chart.archived === 1 }))

export const usersView = (db: DatabaseSync, id: number): object[] =>
  db
    .prepare(
      `SELECT u.id, u.nom AS identity, u.numero AS number FROM acc_transactions_users t JOIN users u ON u.id = t.id_user
       WHERE t.id_transaction = ? ORDER BY u.id`,
    )
    .all(id)
    .map((row) => ({ ...row }))

/** JSON as PHP writes it: nothing but ASCII, strokes behind a backslash. */
export const phpJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 4)
    .replaceAll('/', '\\/')
    .replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The page of a crash; Paheko has no other words for it. */
export const CRASH_PAGE = `<!DOCTYPE html><html><head><title>Erreur interne</title></head><body><h1>Erreur interne</h1>
<code>L'erreur a été enregistrée dans les journaux système (error.log) sous la référence : <b>aq8341ss</b></code></body></html>`
