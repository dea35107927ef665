import type { OutcomeCode } from './push.ts'
import type { SyncState } from './state.ts'

export const STATE_WORDS: Readonly<Record<SyncState, string>> = {
  'to-retry': 'à réessayer',
  quarantined: 'en quarantaine',
  rejected: 'rejetée',
  resolved: 'résolue',
}

/** Why, and what to do: for a manager who is no accountant. */
interface Words {
  readonly why: string
  readonly todo: string
}

const WAIT = 'Rien à faire : un nouvel essai se fait tout seul.'
const RETRY = 'puis cliquer sur « Réessayer »'

export const CODE_WORDS: Readonly<Record<OutcomeCode, Words>> = {
  new: { why: 'Vient d’être clôturée.', todo: WAIT },
  booked: { why: 'Écriture créée.', todo: '' },
  found: { why: 'L’écriture était déjà dans Paheko, à l’identique.', todo: '' },
  nothing: { why: 'Rien à comptabiliser.', todo: '' },
  unreachable: { why: 'Paheko ne répond pas.', todo: WAIT },
  timeout: { why: 'Paheko a mis trop longtemps à répondre.', todo: WAIT },
  redirect: {
    why: 'Paheko attend une mise à jour ou une installation.',
    todo: 'Ouvrir Paheko et terminer la mise à jour.',
  },
  'server-error': { why: 'Paheko a rencontré une erreur interne.', todo: WAIT },
  'not-json': { why: 'La réponse de Paheko est illisible.', todo: WAIT },
  'not-confirmed': { why: 'On ne sait pas encore si le dernier envoi est arrivé.', todo: WAIT },
  unexpected: { why: 'Réponse inattendue de Paheko.', todo: WAIT },
  refused: { why: 'Paheko a refusé l’écriture ; rien n’y a été gardé.', todo: `Corriger ce que dit Paheko, ${RETRY}.` },
  credentials: {
    why: 'Paheko refuse l’identifiant ou le mot de passe de l’API.',
    todo: 'Vérifier user et password dans la configuration du module.',
  },
  rights: {
    why: 'La clé d’API n’a pas le droit d’écrire.',
    todo: 'Dans Paheko (Configuration → Fonctions avancées → API), donner à la clé le niveau « écriture ».',
  },
  blocked: {
    why: 'Paheko bloque l’adresse de ce serveur.',
    todo: 'Demander à l’hébergeur de Paheko de lever le blocage.',
  },
  'not-paheko': {
    why: 'À cette adresse, ce n’est pas l’API de Paheko qui répond.',
    todo: 'Vérifier url dans la configuration du module.',
  },
  different: {
    why: 'Une autre écriture porte déjà cette référence dans Paheko.',
    todo: `Comparer les deux ; corriger ou supprimer celle de Paheko, ${RETRY}.`,
  },
  duplicates: {
    why: 'Plusieurs écritures portent cette référence dans Paheko.',
    todo: `N’en garder qu’une dans Paheko, ${RETRY}.`,
  },
  missing: {
    why: 'L’écriture n’est plus dans Paheko.',
    todo: 'La recréer avec « Réessayer », ou la laisser ainsi si elle a été saisie autrement.',
  },
  'year-closed': {
    why: 'L’exercice est clôturé.',
    todo: 'Rouvrir l’exercice dans Paheko, ou saisir l’écriture à la main.',
  },
  'year-locked': {
    why: 'L’exercice est verrouillé.',
    todo: 'Déverrouiller l’exercice dans Paheko, ou saisir l’écriture à la main.',
  },
  'year-none': {
    why: 'Aucun exercice ne contient cette date.',
    todo: 'Créer l’exercice dans Paheko (Comptabilité → Exercices).',
  },
  'year-several': {
    why: 'Plusieurs exercices ouverts contiennent cette date.',
    todo: 'Corriger les dates des exercices dans Paheko, pour qu’un seul convienne.',
  },
  'accounts-unknown': {
    why: 'Des comptes manquent dans le plan comptable de l’exercice.',
    todo: 'Les ajouter dans Paheko, ou changer accounts, methods ou categories dans la configuration du module.',
  },
  'too-old': {
    why: 'Cette clôture a été enregistrée par une version qui ne gardait pas de quoi la comptabiliser.',
    todo: 'Saisir l’écriture à la main.',
  },
  unbalanced: { why: 'L’écriture ne s’équilibre pas.', todo: 'Signaler cette session aux développeurs de Recyclique.' },
  'members-unknown': {
    why: 'L’écriture est faite, mais Paheko ne connaît pas un des membres à relier.',
    todo: 'Relier de nouveau, avec les numéros internes (id) des membres.',
  },
}
