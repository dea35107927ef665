import { createHash } from 'node:crypto'
import {
  type BundleClaim,
  type BundleFile,
  listingText,
  Misfit,
  PageAnswer,
  type PageCall,
  parseJson,
} from '@recyclique/contracts'
import { sha256Of } from './bundle-folder.ts'

/** What the module hands over is not what it said, or breaks off. Asking again changes nothing. */
export class BadBundle extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'BadBundle'
  }
}

/** Asks one process for a part of its bundle. Rejects as the bus does where it does not answer. */
export type AskForPart = (call: PageCall) => Promise<string>

/** The listing that hashes to what was claimed. Throws a `BadBundle` where none does. */
export const fetchListing = async (ask: AskForPart, claim: BundleClaim): Promise<BundleFile[]> => {
  const files: BundleFile[] = []
  while (files.length < claim.files) {
    const answer = await partOf(ask, { bundle: claim.sha256, want: { listingFrom: files.length } })
    if (!('files' in answer) || answer.files.length === 0)
      throw new BadBundle(`its listing ends after ${files.length} of ${claim.files} files`)
    files.push(...answer.files)
  }
  const bytes = files.reduce((all, one) => all + one.bytes, 0)
  if (files.length !== claim.files || bytes !== claim.bytes || sha256Of(listingText(files)) !== claim.sha256)
    throw new BadBundle('its listing is not the one that it announced')
  if (new Set(files.map(({ path }) => path)).size < files.length) throw new BadBundle('its listing names a file twice')
  return files
}

/** One file's parts in order; throws a `BadBundle` as soon as they are too many, or come to something else than was listed. */
export async function* fetchFile(ask: AskForPart, bundle: string, file: BundleFile): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for (let from = 0; from < file.bytes; ) {
    const answer = await partOf(ask, { bundle, want: { file: file.sha256, from } })
    const part = 'data' in answer ? Buffer.from(answer.data, 'base64') : Buffer.alloc(0)
    if (part.length === 0) throw new BadBundle(`${file.path} ends after ${from} of ${file.bytes} bytes`)
    from += part.length
    if (from > file.bytes)
      throw new BadBundle(`${file.path} is longer than the ${file.bytes} bytes that it was listed with`)
    hash.update(part)
    yield part
  }
  if (hash.digest('hex') !== file.sha256)
    throw new BadBundle(`${file.path} is not what it was listed as: start the module again after its files changed`)
}

const partOf = async (ask: AskForPart, call: PageCall) => {
  const answer = readPart(await ask(call))
  if ('error' in answer) throw new BadBundle(`the module says: ${answer.error}`)
  return answer
}

const readPart = (text: string): PageAnswer => {
  try {
    return parseJson(PageAnswer, text, 'its answer')
  } catch (error) {
    throw error instanceof Misfit ? new BadBundle(error.message) : error
  }
}
