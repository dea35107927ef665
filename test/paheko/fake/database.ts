import { DatabaseSync } from 'node:sqlite'

/** As much of Paheko's tables as a connector can see, under their own names. */
const SCHEMA = `
  CREATE TABLE acc_charts (id INTEGER PRIMARY KEY, label TEXT, country TEXT, code TEXT, archived INTEGER DEFAULT 0);
  CREATE TABLE acc_accounts (id INTEGER PRIMARY KEY, id_chart INTEGER, code TEXT, label TEXT, position INTEGER, type INTEGER);
  CREATE UNIQUE INDEX acc_accounts_codes ON acc_accounts (code, id_chart);
  CREATE TABLE acc_years (id INTEGER PRIMARY KEY, label TEXT, start_date TEXT, end_date TEXT, status INTEGER, id_chart INTEGER);
  CREATE TABLE acc_projects (id INTEGER PRIMARY KEY, code TEXT, label TEXT, archived INTEGER DEFAULT 0);
  CREATE TABLE acc_transactions (
    id INTEGER PRIMARY KEY, type INTEGER NOT NULL, status INTEGER NOT NULL DEFAULT 0, label TEXT NOT NULL, notes TEXT,
    reference TEXT, date TEXT NOT NULL, hash TEXT, prev_id INTEGER, prev_hash TEXT, id_year INTEGER NOT NULL, id_creator INTEGER
  );
  CREATE INDEX acc_transactions_reference ON acc_transactions (reference);
  CREATE TABLE acc_transactions_lines (
    id INTEGER PRIMARY KEY, id_transaction INTEGER NOT NULL, id_account INTEGER NOT NULL, debit INTEGER NOT NULL,
    credit INTEGER NOT NULL, reference TEXT, label TEXT, id_project INTEGER
  );
  CREATE TABLE acc_transactions_users (id_transaction INTEGER, id_user INTEGER, UNIQUE (id_transaction, id_user));
  CREATE TABLE users (id INTEGER PRIMARY KEY, numero INTEGER, nom TEXT);
  CREATE TABLE api_credentials (id INTEGER PRIMARY KEY, secret TEXT);
  CREATE TABLE config (key TEXT PRIMARY KEY, value TEXT);
`

/** Accounts of the associations' chart of 2025, with the numbers that they had where the exchanges were recorded. */
const ACCOUNTS: readonly [id: number, code: string, label: string, position: number, type: number][] = [
  [237, '5', 'Classe 5 — Comptes financiers', 1, 0],
  [243, '5112', 'Chèques à encaisser', 1, 3],
  [244, '5115', 'Paiements par carte à encaisser', 1, 3],
  [245, '512', 'Banques', 3, 0],
  [250, '530', 'Caisse', 1, 2],
  [260, '580', 'Virements internes', 3, 16],
  [180, '4110', 'Créances sur usagers', 3, 4],
  [190, '4198', 'Rabais, remises et avoirs à accorder', 2, 4],
  [200, '471', 'Recettes à classer', 3, 4],
  [300, '626', 'Frais postaux', 4, 5],
  [380, '672', 'Charges sur exercices antérieurs', 4, 5],
  [385, '678', 'Autres charges exceptionnelles', 4, 5],
  [425, '7', 'Classe 7 — Comptes de produits', 5, 0],
  [426, '70', 'Ventes de produits finis, marchandises, prestations', 5, 6],
  [430, '706', 'Prestations de services', 5, 6],
  [434, '707', 'Ventes de marchandises', 5, 6],
  [435, '7073', 'Ventes de dons en nature', 5, 6],
  [468, '754', 'Ressources liées à la générosité du public', 5, 6],
  [469, '7541', 'Dons manuels', 5, 6],
  [481, '756', 'Cotisations', 5, 6],
  [495, '778', 'Autres produits exceptionnels', 5, 6],
  [520, '864', 'Personnel bénévole', 4, 7],
  [1099, '512A', 'Compte courant', 3, 1],
]

const YEARS = [
  [1, 'Exercice 2023', '2023-01-01', '2023-12-31', 1],
  [2, 'Exercice 2024', '2024-01-01', '2024-12-31', 2],
  [3, 'Exercice 2025', '2025-01-01', '2025-12-31', 0],
  [4, 'Exercice 2026', '2026-01-01', '2026-12-31', 0],
  [5, 'Exercice 2027', '2027-01-01', '2027-12-31', 0],
] as const

const MEMBERS = ['Ada Trésorière', 'Émile Zôla', 'Zoé Ünal', "Ké'vin O’Brien"]

/** A new association, as the one with which the exchanges were recorded: years 2023 closed, 2024 locked, 2025 to 2027 open, four members. */
export const openDatabase = (): DatabaseSync => {
  const db = new DatabaseSync(':memory:')
  db.exec(SCHEMA)
  db.exec(`INSERT INTO acc_charts VALUES (1, 'Plan comptable associatif (révision 2025)', 'FR', 'PCA_2025', 0),
    (2, 'Plan comptable associatif (2018, révision 2024)', 'FR', 'PCA_2018', 0);
    INSERT INTO acc_accounts VALUES (800, 2, '530', 'Caisse', 1, 2), (801, 2, '707', 'Ventes de marchandises', 5, 6);
    INSERT INTO acc_projects VALUES (1, 'ATELIER', 'Atelier vélo', 0);`)
  for (const account of ACCOUNTS) db.prepare('INSERT INTO acc_accounts VALUES (?, 1, ?, ?, ?, ?)').run(...account)
  for (const year of YEARS) db.prepare('INSERT INTO acc_years VALUES (?, ?, ?, ?, ?, 1)').run(...year)
  for (const [nth, name] of MEMBERS.entries())
    db.prepare('INSERT INTO users VALUES (?, ?, ?)').run(nth + 1, nth + 1, name)
  return db
}
