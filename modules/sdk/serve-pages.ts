import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { NatsConnection } from '@nats-io/transport-node'
import { BUNDLE, type PageAnswer, PageCall, parseJson, type Subjects } from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Bundle } from './list-bundle.ts'

type Parts = {
  readonly module: { readonly manifest: { readonly name: string }; readonly bundle: Bundle | undefined }
  readonly instance: string
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly log: Logger
}

/** Hands the files of `.pages` to a kernel that has not got them yet, part by part. */
export const servePages = ({ module, instance, connection, subjects, log }: Parts): void => {
  const { bundle, manifest } = module
  if (!bundle) return
  connection.subscribe(subjects.toModule(manifest.name, instance, 'page'), {
    callback: (error, message) => {
      if (error) return void log.error({ err: error }, 'the bus does not let this module hand over its pages')
      void answerTo(bundle, message.string()).then((answer) => message.respond(JSON.stringify(answer)))
    },
  })
}

/** Never rejects: what went wrong is the answer. */
const answerTo = async (bundle: Bundle, text: string): Promise<PageAnswer> => {
  try {
    const call = parseJson(PageCall, text, 'call')
    if (call.bundle !== bundle.claim.sha256) return { error: 'this process has another bundle by now' }
    const { want } = call
    if ('listingFrom' in want)
      return { files: bundle.listing.slice(want.listingFrom, want.listingFrom + BUNDLE.listedAtOnce) }
    const file = bundle.listing.find(({ sha256 }) => sha256 === want.file)
    if (!file) return { error: 'there is no such file in the bundle' }
    return { data: (await part(join(bundle.folder, file.path), want.from)).toString('base64') }
  } catch (error) {
    return { error: (error as Error).message.slice(0, 500) }
  }
}

const part = async (path: string, from: number): Promise<Buffer> => {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BUNDLE.chunkBytes), 0, BUNDLE.chunkBytes, from)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
