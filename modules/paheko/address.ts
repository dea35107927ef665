/**
 * Where the API is, from what people paste: the page of the administration, a missing or a doubled slash at the end. Ends without one.
 * Throws in words for an operator.
 */
export const apiAddress = (pasted: string): string => {
  const url = parsed(pasted.trim())
  if (url.username !== '' || url.password !== '')
    throw new Error('holds a name or a password: take them out, and set user and password as references')
  const path = url.pathname
    .replace(/\/{2,}/g, '/')
    .replace(/\/(admin|api)(\/.*)?$/, '')
    .replace(/\/[^/]+\.php$/, '')
    .replace(/\/$/, '')
  return `${url.origin}${path}/api`
}

const parsed = (text: string): URL => {
  const found = URL.parse(text)
  if (!found || !/^https?:$/.test(found.protocol))
    throw new Error('is no address: write for example https://association.example.org/')
  return found
}
