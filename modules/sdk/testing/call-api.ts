import { type ApiAnswer, ApiCall, type Manifest, parse } from '@recyclique/contracts'
import { granting, Unwished } from './grant.ts'

/** What the kernel's API answers, in the words of a test. */
export type AnswerApi = (call: ApiCall) => ApiAnswer | Promise<ApiAnswer>

/** The kernel's part of the API: what the manifest lists goes through, and what comes back is JSON. */
export const openApi = (manifest: Manifest, answer: AnswerApi) =>
  granting('api', {
    '': async (body) => {
      const call = parse(ApiCall, body, 'api')
      if (!mayCall(manifest, call))
        throw new Unwished(
          'not-declared',
          `The manifest of ${manifest.name} does not list '${call.method} ${pathOf(call)}' under 'permissions/api'.`,
        )
      return answer(call)
    },
  })

/** A star at the end stands for at least one character, one between two slashes for one name. */
const mayCall = ({ permissions }: Manifest, call: ApiCall): boolean => {
  const wanted = `${call.method} ${pathOf(call)}`
  return (permissions?.api ?? []).some((allowed) => {
    const form = allowed.replace(/[.]/g, '\\$&').replaceAll('/*/', '/[^/]+/').replace(/\*$/, '.+')
    return new RegExp(`^${form}$`).test(wanted)
  })
}

const pathOf = ({ path }: ApiCall): string => {
  const plain = path.split('?')[0] as string
  if (/^\/v1(\/[A-Za-z0-9_:~-][A-Za-z0-9_.:~-]*)+$/.test(plain)) return plain
  throw new Unwished('malformed', '/path must be plain, as in /v1/reports/sales?from=2026-01-01.', '/path')
}
