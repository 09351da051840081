import type { TransactionSql } from 'postgres'
import { formOf, onePixel } from '../form.ts'
import { acme, adam, ann, bob, initech, unknownId, vera, type TeamWorld } from '../world.ts'
import { agents, anybody, everybody, managers } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const ofCategory = (team: TeamWorld) => ({ categoryId: team.articleCategory })
const ofPublished = (team: TeamWorld) => ({ articleId: team.articles.printer })
const ofBobs = (team: TeamWorld) => ({ articleId: team.articles.bobs })
const inEnglish = (of: (team: TeamWorld) => { articleId: string }) => (team: TeamWorld) => ({ ...of(team), locale: 'en' })
const ofRevision = (team: TeamWorld) => ({ ...ofPublished(team), revisionId: team.articleRevision })
const text = { title: 'Other', content: 'Other', version: 1 }
const { printer, bobs } = acme.articles

const slugOf = ({ id }: TeamWorld) => (id === acme.id ? 'acme' : id === initech.id ? 'initech' : `t-${id.slice(0, 18)}`)
const ofSlug = (team: TeamWorld) => ({ teamSlug: slugOf(team) })

const addFeedback = (sql: TransactionSql) => sql`
  insert into public.article_feedback (team_id, article_id, locale, visitor, is_helpful, missing)
  values (${acme.id}, ${printer}, 'en', 'x', true, 'Pictures')`

const addQuestion = (sql: TransactionSql) =>
  sql`insert into public.article_questions (team_id, outcome, question) values (${acme.id}, 'not_found', 'where is it?')`

export const articleCategories: AuthorizationRow[] = [
  {
    does: 'lists article categories',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/article-categories', status: 200 },
    sql: { table: 'public.article_categories', run: sql => sql`select * from article_categories where id = ${acme.articleCategory}` }
  },
  {
    does: 'adds an article category',
    by: managers,
    route: { request: 'POST /teams/[teamId]/article-categories', status: 201, body: () => ({ name: 'New' }) },
    sql: {
      table: 'public.article_categories',
      run: sql => sql`insert into article_categories (team_id, name, names, position) values (${acme.id}, 'New', '{}', 2) returning id`
    }
  },
  {
    does: 'changes an article category',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/article-categories/[categoryId]',
      status: 200,
      parameters: ofCategory,
      body: () => ({ name: 'Other' })
    },
    sql: {
      table: 'public.article_categories',
      run: sql =>
        sql`update article_categories set name = 'Other', names = '{"de": "x"}', position = 3 where id = ${acme.articleCategory} returning id`
    }
  },
  {
    does: 'deletes an article category',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/article-categories/[categoryId]', status: 204, parameters: ofCategory },
    sql: {
      table: 'public.article_categories',
      run: sql => sql`delete from article_categories where id = ${acme.articleCategory} returning id`
    }
  },
  ...Object.entries({ id: unknownId, team_id: initech.id, slug: 'other', created_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of an article category`,
      by: [],
      sql: {
        table: 'public.article_categories',
        run: sql => sql`update article_categories set ${sql({ [column]: value })} where id = ${acme.articleCategory} returning id`
      }
    })
  )
]

export const publicArticles: AuthorizationRow[] = Object.entries({
  'lists public articles': { request: 'GET /public/[teamSlug]/articles' },
  'gets suggestions of public articles': { request: 'GET /public/[teamSlug]/articles/suggest', query: '?q=printer' },
  'reads a public article': {
    request: 'GET /public/[teamSlug]/articles/[articleSlug]',
    parameters: (team: TeamWorld) => ({ ...ofSlug(team), articleSlug: 'restart-the-printer' })
  }
}).map(([does, route]) => ({ does, by: anybody, route: { status: 200, parameters: ofSlug, ...route } }))

const ofImage = (image: keyof TeamWorld['articleImages']) => (team: TeamWorld) => ({ imageId: team.articleImages[image] })
const seeImage = (id: string) => (sql: TransactionSql) => sql`select * from private.article_image(${acme.id}, ${id}, 'block')`
const imageFacts = { size: 5, sha256: 'a'.repeat(64), content_type: 'image/png', name: 'a.png', state: 'clean' }

export const articleImages: AuthorizationRow[] = [
  {
    does: 'uploads a picture for articles',
    by: agents,
    key: 'write',
    route: {
      request: 'POST /teams/[teamId]/article-images',
      status: 201,
      body: () => formOf(onePixel, { name: 'a.png', type: 'image/png' })
    },
    sql: {
      table: 'private.article_images',
      calls: 'keep_article_image',
      prepare: async sql => {
        for (const { id } of [ann, adam, bob, vera])
          await sql`insert into public.uploads ${sql({ ...imageFacts, team_id: acme.id, uploaded_by: id })}`
        await sql`insert into public.uploads ${sql({ ...imageFacts, team_id: acme.id, uploaded_by: bob.id, api_key_id: acme.apiKey })}`
      },
      run: sql => sql`
        select private.keep_article_image(${acme.id}, (select id from uploads where content_type = 'image/png' limit 1), 'block')`
    }
  },
  {
    does: 'sees a picture of a published article',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/article-images/[imageId]', status: 200, parameters: ofImage('printer') }
  },
  {
    does: 'sees a picture of a public article without an account',
    by: anybody,
    key: 'read',
    client: 'allowed',
    session: 'allowed',
    sql: { calls: 'article_image', clients: ['client', 'session'], run: seeImage(acme.articleImages.printer) }
  },
  {
    does: 'sees a picture of an article that Bob has begun',
    by: agents,
    key: 'write',
    route: {
      request: 'GET /teams/[teamId]/article-images/[imageId]',
      status: 200,
      parameters: ofImage('bobs'),
      refusals: { 'a viewer': 404 },
      isPersonal: true
    },
    sql: { calls: 'article_image', run: seeImage(acme.articleImages.bobs) }
  },
  ...['article_images', 'article_image_uses'].flatMap((table): AuthorizationRow[] => [
    {
      does: `reads ${table} directly`,
      by: [],
      sql: { table: `private.${table}`, run: sql => sql`select * from ${sql(`private.${table}`)}` }
    },
    {
      does: `deletes a row of ${table}`,
      by: [],
      sql: { table: `private.${table}`, run: sql => sql`delete from ${sql(`private.${table}`)} returning 1` }
    }
  ])
]

export const articles: AuthorizationRow[] = [
  {
    does: 'lists what the knowledge base lacks',
    by: agents,
    key: 'write',
    route: { request: 'GET /teams/[teamId]/articles/gaps', status: 200 }
  },
  {
    does: 'gets suggestions of articles',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/articles/suggest', status: 200, query: '?q=printer' }
  },
  {
    does: 'lists articles',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/articles', status: 200 },
    sql: { table: 'public.articles', run: sql => sql`select * from articles where id = ${printer}` }
  },
  {
    does: 'reads a published article',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/articles/[articleId]', status: 200, parameters: ofPublished },
    sql: {
      table: 'public.article_translations',
      run: sql => sql`select slug, published_revision_id from article_translations where article_id = ${printer}`
    }
  },
  {
    does: 'reads an article that Bob has begun',
    by: agents,
    key: 'write',
    route: {
      request: 'GET /teams/[teamId]/articles/[articleId]',
      status: 200,
      parameters: ofBobs,
      refusals: { 'a viewer': 404 },
      isPersonal: true
    },
    sql: { table: 'public.articles', run: sql => sql`select * from articles where id = ${bobs}` }
  },
  {
    does: 'reads the language of an article that Bob has begun',
    by: agents,
    key: 'write',
    sql: { table: 'public.article_translations', run: sql => sql`select locale from article_translations where article_id = ${bobs}` }
  },
  {
    does: 'reads the draft of an article that Bob has begun',
    by: agents,
    key: 'write',
    sql: { table: 'public.article_drafts', run: sql => sql`select * from article_drafts where article_id = ${bobs}` }
  },
  {
    does: "reads the draft of Ann's article",
    by: managers,
    sql: { table: 'public.article_drafts', run: sql => sql`select * from article_drafts where article_id = ${printer}` }
  },
  {
    does: 'reads the searched words of an article directly',
    by: [],
    sql: { table: 'public.article_translations', run: sql => sql`select search from article_translations where article_id = ${printer}` }
  },
  {
    does: 'reads all addresses of articles directly',
    by: [],
    sql: { table: 'private.article_slugs', run: sql => sql`select * from private.article_slugs` }
  },
  {
    does: 'reads all published articles directly',
    by: [],
    sql: { table: 'private.published_articles', run: sql => sql`select * from private.published_articles` }
  },
  {
    does: 'begins an article',
    by: agents,
    key: 'write',
    route: { request: 'POST /teams/[teamId]/articles', status: 201, body: () => ({ title: 'New' }) },
    sql: {
      table: 'public.articles',
      calls: 'create_article',
      run: sql => sql`select private.create_article(${acme.id}, 'de', 'Neu', '', null, 'internal')`
    }
  },
  {
    does: 'saves the draft of an article that Bob has begun',
    by: agents,
    key: 'write',
    route: {
      request: 'PUT /teams/[teamId]/articles/[articleId]/drafts/[locale]',
      status: 200,
      parameters: inEnglish(ofBobs),
      body: () => text
    },
    sql: {
      table: 'public.article_drafts',
      calls: 'save_article_draft',
      run: sql => sql`select private.save_article_draft(${acme.id}, ${bobs}, 'en', 1, 'Other', 'Other')`
    }
  },
  {
    does: "saves the draft of Ann's article",
    by: managers,
    route: {
      request: 'PUT /teams/[teamId]/articles/[articleId]/drafts/[locale]',
      status: 200,
      parameters: inEnglish(ofPublished),
      body: () => text
    },
    sql: {
      table: 'public.article_drafts',
      calls: 'save_article_draft',
      run: sql => sql`select private.save_article_draft(${acme.id}, ${printer}, 'en', 1, 'Other', 'Other')`
    }
  },
  {
    does: 'moves an article that Bob has begun',
    by: agents,
    key: 'write',
    route: {
      request: 'PATCH /teams/[teamId]/articles/[articleId]',
      status: 200,
      parameters: ofBobs,
      body: team => ({ category_id: team.articleCategory })
    },
    sql: {
      table: 'public.articles',
      calls: 'update_article',
      run: sql => sql`select private.update_article(${acme.id}, ${bobs}, '{"audience": "public"}')`
    }
  },
  {
    does: 'changes the audience of a published article',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/articles/[articleId]',
      status: 200,
      parameters: ofPublished,
      body: () => ({ audience: 'clients' })
    },
    sql: {
      table: 'public.articles',
      calls: 'update_article',
      run: sql => sql`select private.update_article(${acme.id}, ${printer}, '{"audience": "internal"}')`
    }
  },
  {
    does: 'changes the audience of their own article after it was published',
    by: managers,
    sql: {
      table: 'public.articles',
      calls: 'update_article',
      prepare: sql => sql`update public.articles set is_published = true where id = ${bobs}`,
      run: sql => sql`select private.update_article(${acme.id}, ${bobs}, '{"audience": "public"}')`
    }
  },
  {
    does: 'changes the address of an article that Bob has begun',
    by: agents,
    key: 'write',
    route: {
      request: 'PATCH /teams/[teamId]/articles/[articleId]/translations/[locale]',
      status: 200,
      parameters: inEnglish(ofBobs),
      body: () => ({ slug: 'other' })
    },
    sql: {
      table: 'public.article_translations',
      calls: 'set_article_slug',
      run: sql => sql`select private.set_article_slug(${acme.id}, ${bobs}, 'en', 'other')`
    }
  },
  {
    does: 'publishes an article',
    by: managers,
    route: {
      request: 'PUT /teams/[teamId]/articles/[articleId]/publications/[locale]',
      status: 200,
      parameters: inEnglish(ofBobs),
      body: () => ({ version: 1 })
    },
    sql: {
      table: 'public.article_revisions',
      calls: 'publish_article',
      run: sql => sql`select private.publish_article(${acme.id}, ${bobs}, 'en', 1, null)`
    }
  },
  {
    does: 'takes an article from its readers',
    by: managers,
    route: {
      request: 'DELETE /teams/[teamId]/articles/[articleId]/publications/[locale]',
      status: 204,
      parameters: inEnglish(ofPublished)
    },
    sql: {
      table: 'public.article_translations',
      calls: 'unpublish_article',
      run: sql => sql`select private.unpublish_article(${acme.id}, ${printer}, 'en')`
    }
  },
  {
    does: 'deletes an article that Bob has begun',
    by: agents,
    key: 'write',
    route: { request: 'DELETE /teams/[teamId]/articles/[articleId]', status: 204, parameters: ofBobs },
    sql: {
      table: 'public.articles',
      calls: 'delete_article',
      run: sql => sql`select private.delete_article(${acme.id}, ${bobs}, null, false)`
    }
  },
  {
    does: 'deletes a published article',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/articles/[articleId]', status: 204, parameters: ofPublished, query: '?final=true' },
    sql: {
      table: 'public.articles',
      calls: 'delete_article',
      run: sql => sql`select private.delete_article(${acme.id}, ${printer}, null, true)`
    }
  },
  {
    does: 'lists what readers said about an article',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/articles/[articleId]/feedback', status: 200, parameters: ofPublished }
  },
  {
    does: 'lists the revisions of an article',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/articles/[articleId]/revisions', status: 200, parameters: ofPublished }
  },
  {
    does: 'reads the published revision of an article',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/articles/[articleId]/revisions/[revisionId]', status: 200, parameters: ofRevision },
    sql: { table: 'public.article_revisions', run: sql => sql`select * from article_revisions where id = ${acme.articleRevision}` }
  },
  {
    does: 'reads a revision that was published before',
    by: managers,
    sql: {
      table: 'public.article_revisions',
      prepare: sql => sql`
        insert into public.article_revisions (team_id, article_id, locale, number, kind, title, content)
        values (${acme.id}, ${printer}, 'en', 2, 'saved', 'Secret', 'Secret')`,
      run: sql => sql`select * from article_revisions where article_id = ${printer} and number = 2`
    }
  },
  {
    does: "makes a revision the draft of Ann's article",
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/articles/[articleId]/revisions/[revisionId]/restore',
      status: 200,
      parameters: ofRevision,
      body: () => ({ version: 1 })
    },
    sql: {
      table: 'public.article_drafts',
      calls: 'restore_article_revision',
      prepare: sql => sql`update public.article_drafts set content = 'Other' where article_id = ${printer}`,
      run: sql => sql`select private.restore_article_revision(${acme.id}, ${printer}, ${acme.articleRevision}, 1)`
    }
  },
  ...Object.entries({
    articles: { audience: 'public', is_published: true, created_by: null },
    article_translations: { slug: 'x', published_revision_id: null },
    article_drafts: { content: 'x', version: 9 },
    article_revisions: { content: 'x', kind: 'saved' }
  }).flatMap(([table, values]) => [
    ...Object.entries(values).map(([column, value]): AuthorizationRow => ({
      does: `writes ${column} of ${table} directly`,
      by: [],
      sql: { table: `public.${table}`, run: sql => sql`update ${sql(table)} set ${sql({ [column]: value })} returning 1` }
    })),
    {
      does: `deletes ${table} directly`,
      by: [],
      sql: { table: `public.${table}`, run: sql => sql`delete from ${sql(table)} returning 1` }
    } satisfies AuthorizationRow
  ]),
  ...Object.entries({
    readable_categories: { does: 'lists the categories of the help centre', call: 'readable_categories($1)' },
    readable_articles: { does: 'lists the articles of the help centre', call: "readable_articles($1, 'en', 10)" },
    readable_overview: { does: 'reads the overview of the help centre', call: "readable_overview($1, 'en', 10)" },
    readable_addresses: { does: 'lists the addresses of the help centre', call: 'readable_addresses($1)' },
    readable_article: { does: 'reads an article of the help centre', call: "readable_article($1, 'restart-the-printer')" },
    found_articles: { does: 'searches the help centre', call: "found_articles($1, '{power}', 10)" },
    rate_article: { does: 'rates an article of the help centre', call: "rate_article($1, 'restart-the-printer', 'x', true, null)" }
  }).map(([name, { does, call }]): AuthorizationRow => ({
    does,
    by: anybody,
    key: 'read',
    client: 'allowed',
    session: 'allowed',
    sql: {
      calls: name,
      clients: ['client', 'session'],
      prepare: sql => sql`update public.articles set category_id = ${acme.articleCategory} where id = ${printer}`,
      run: sql => sql.unsafe(`select * from private.${call}`, [acme.id])
    }
  })),
  {
    does: 'counts a search that found nothing',
    by: anybody,
    key: 'read',
    client: 'allowed',
    session: 'allowed',
    sql: {
      calls: 'count_missed_search',
      clients: ['client', 'session'],
      run: sql => sql`select private.count_missed_search(${acme.id}, 'Where is it?', 'x')`
    }
  },
  {
    does: 'counts how suggestions ended',
    by: [],
    client: 'allowed',
    sql: {
      table: 'public.article_questions',
      calls: 'count_suggestions',
      clients: ['client'],
      prepare: addQuestion,
      run: sql => sql`
        select counted from private.count_suggestions(${acme.id}, ${unknownId}, 'ignored', 'Where is it?', '{restart-the-printer}') as counted`
    }
  },
  {
    does: 'reads what people asked the knowledge base',
    by: agents,
    key: 'write',
    sql: { table: 'public.article_questions', prepare: addQuestion, run: sql => sql`select * from article_questions` }
  },
  {
    does: 'changes what people asked the knowledge base',
    by: [],
    sql: {
      table: 'public.article_questions',
      prepare: addQuestion,
      run: sql => sql`update article_questions set times = 100 returning 1`
    }
  },
  {
    does: 'reads which forms were counted',
    by: [],
    sql: {
      table: 'private.article_question_forms',
      prepare: sql => sql`insert into private.article_question_forms (form) values (${unknownId})`,
      run: sql => sql`select * from private.article_question_forms`
    }
  },
  {
    does: 'reads what visitors say about articles',
    by: everybody,
    key: 'read',
    sql: {
      table: 'public.article_feedback',
      prepare: addFeedback,
      run: sql => sql`select is_helpful, missing from article_feedback where article_id = ${printer}`
    }
  },
  {
    does: 'reads who the visitors of articles were',
    by: [],
    sql: { table: 'public.article_feedback', prepare: addFeedback, run: sql => sql`select visitor from article_feedback` }
  },
  {
    does: 'reads the secret that hides visitors',
    by: [],
    sql: {
      table: 'private.visitor_salts',
      prepare: sql => sql`insert into private.visitor_salts (day) values ('2026-01-05')`,
      run: sql => sql`select * from private.visitor_salts`
    }
  },
  {
    does: 'writes the answer of a visitor',
    by: [],
    sql: {
      table: 'public.article_feedback',
      prepare: addFeedback,
      run: sql => sql`update article_feedback set is_helpful = false returning 1`
    }
  }
]

const ofCitation = (team: TeamWorld) => ({ ticketId: team.tickets.bobs, articleId: team.articles.printer })
const { bobs: citing, anns } = acme.tickets
const cite = (sql: TransactionSql, article: string, by: string) => sql`
  insert into ticket_articles (team_id, ticket_id, article_id, cited_by) values (${acme.id}, ${anns}, ${article}, ${by}) returning 1`

export const citations: AuthorizationRow[] = [
  {
    does: 'reads what a ticket cites',
    by: everybody,
    key: 'read',
    sql: { table: 'public.ticket_articles', run: sql => sql`select * from ticket_articles where ticket_id = ${citing}` }
  },
  {
    does: 'lists the tickets that cite an article',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/articles/[articleId]/tickets', status: 200, parameters: ofPublished }
  },
  {
    does: 'cites an article at a ticket',
    by: everybody,
    key: 'write',
    route: {
      request: 'PUT /teams/[teamId]/tickets/[ticketId]/articles/[articleId]',
      status: 200,
      parameters: team => ({ ticketId: team.tickets.anns, articleId: team.articles.printer })
    },
    sql: { table: 'public.ticket_articles', run: (sql, { id }) => cite(sql, printer, id) }
  },
  {
    does: 'cites an article that Bob has begun',
    by: agents,
    key: 'write',
    sql: { table: 'public.ticket_articles', run: (sql, { id }) => cite(sql, bobs, id) }
  },
  {
    does: 'cites an article in the name of Bob',
    by: ['a member'],
    key: 'write',
    sql: { table: 'public.ticket_articles', run: sql => cite(sql, printer, bob.id) }
  },
  {
    does: 'drafts an article from a resolved ticket',
    by: agents,
    key: 'write',
    route: {
      request: 'POST /teams/[teamId]/tickets/[ticketId]/article-draft',
      status: 201,
      parameters: team => ({ ticketId: team.tickets.closed })
    }
  },
  {
    does: 'removes an article that Bob has cited',
    by: agents,
    key: 'write',
    route: {
      request: 'DELETE /teams/[teamId]/tickets/[ticketId]/articles/[articleId]',
      status: 204,
      parameters: ofCitation
    },
    sql: { table: 'public.ticket_articles', run: sql => sql`delete from ticket_articles where ticket_id = ${citing} returning 1` }
  },
  ...Object.entries({ article_id: bobs, kind: 'link', cited_by: ann.id, created_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of a citation`,
      by: [],
      sql: {
        table: 'public.ticket_articles',
        run: sql => sql`update ticket_articles set ${sql({ [column]: value })} where ticket_id = ${citing} returning 1`
      }
    })
  )
]
