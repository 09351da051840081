import { expect, test } from 'vitest'
import { session } from '../support/as.ts'
import { acme, ann, vera } from '../support/world.ts'

const { printer } = acme.articles

test('each publication is a revision, and a restored one is the draft again without loss of the former draft', () =>
  session(ann, async ({ sql, as }) => {
    const save = (version: number, content: string) =>
      sql`select private.save_article_draft(${acme.id}, ${printer}, 'en', ${version}, 'Restart the printer', ${content})`
    const publish = (version: number) => sql`select private.publish_article(${acme.id}, ${printer}, 'en', ${version}, 'Shorter')`
    const restore = (version: number) =>
      sql`select private.restore_article_revision(${acme.id}, ${printer}, ${acme.articleRevision}, ${version}) as version`
    const revisions = () =>
      sql`select number, kind, content, note, created_by from article_revisions where article_id = ${printer} order by number`

    await save(1, 'Second')
    await publish(2)
    await publish(2)
    await save(2, 'Unfinished')
    expect(await restore(2)).toEqual([{ version: null }])
    expect(await restore(3)).toEqual([{ version: 4 }])
    const first = 'Hold the *power* button for ten seconds.'
    expect(await sql`select content, version from article_drafts where article_id = ${printer}`).toEqual([{ content: first, version: 4 }])
    expect(await revisions()).toEqual([
      { number: 1, kind: 'published', content: first, note: null, created_by: ann.id },
      { number: 2, kind: 'published', content: 'Second', note: 'Shorter', created_by: ann.id },
      { number: 3, kind: 'saved', content: 'Unfinished', note: null, created_by: ann.id }
    ])
    // Restoring what is the draft already, or replacing a draft that a revision holds, adds none.
    expect(await restore(4)).toEqual([{ version: 4 }])
    expect(await revisions()).toHaveLength(3)
    await publish(4)
    expect(await revisions()).toHaveLength(4)
    expect(await as(vera, sql => sql`select number from article_revisions where article_id = ${printer}`)).toEqual([{ number: 4 }])
  }))
