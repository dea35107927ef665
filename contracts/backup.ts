import { type Static, Type } from '@sinclair/typebox'

/** What lies beside the files of a backup: what it is of, and how each file must read. Paths are relative, with `/`. */
export const BackupNote = Type.Object({
  createdAt: Type.String(),
  site: Type.String(),
  position: Type.Integer({ minimum: 0 }),
  hash: Type.String(),
  files: Type.Array(
    Type.Object({
      path: Type.String({ pattern: '^[^/\\\\]+(/[^/\\\\]+)*$' }),
      bytes: Type.Integer({ minimum: 0 }),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
})
export type BackupNote = Static<typeof BackupNote>
