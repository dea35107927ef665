import { Refusal } from '@recyclique/sdk'

type Headers = Readonly<Record<string, string>>
type Form = Readonly<Record<string, string>>

/** What was sent: a browser's form, or JSON of a program. Throws a `Refusal` for anything else. */
export const readBody = (headers: Headers, body: Uint8Array): { readonly form: Form } | { readonly json: unknown } => {
  const type = headers['content-type'] ?? ''
  const text = Buffer.from(body).toString()
  if (type.startsWith('application/x-www-form-urlencoded'))
    return { form: Object.fromEntries(new URLSearchParams(text)) }
  if (!type.startsWith('application/json'))
    throw new Refusal(415, 'body-unfit', 'Envoyer du JSON (application/json), ou le formulaire de la page.')
  try {
    return { json: JSON.parse(text) }
  } catch {
    throw new Refusal(400, 'body-unfit', 'Ce JSON ne se lit pas.')
  }
}

/** A page of somebody else must not have a volunteer's browser make labels. */
export const refuseStrangers = ({ 'sec-fetch-site': from }: Headers): void => {
  if (from === 'cross-site')
    throw new Refusal(403, 'other-site', 'Cette demande vient d’une autre page que celle d’ici.')
}

/** How the sheet is to look, as the next page's address has it. */
export const lookIn = (form: Form): string =>
  new URLSearchParams(LOOK.flatMap((name) => (form[name] ? [[name, form[name]] as [string, string]] : []))).toString()

const LOOK = ['format', 'symbol', 'start', 'dpi']
