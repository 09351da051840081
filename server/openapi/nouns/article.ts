import { inlineTypes } from '#shared/attachment'
import {
  article,
  articleCategory,
  articleDraft,
  articleFeedback,
  articleGaps,
  articleImage,
  articleRevision,
  articleRevisionText,
  articleSuggestions,
  articleSummary,
  articleTicket,
  citedArticle,
  publicArticle,
  publicArticleText
} from '#shared/schemas/answers/article'
import {
  articleCategoryCreate,
  articleCategoryUpdate,
  articleCreate,
  articleDeletion,
  articleDraftPut,
  articleFeedbackQuery,
  articleLocale,
  articlePublish,
  articleQuery,
  articleRestore,
  articleRevisionQuery,
  articleSlug,
  articleSuggestQuery,
  articleTicketQuery,
  articleTranslationUpdate,
  articleUpdate,
  publicArticleQuery,
  teamSlug
} from '#shared/schemas/article'
import { pageQuery } from '#shared/schemas/page'
import { deleted, file, json, list, type Noun } from '../describe'

const parameters = { locale: articleLocale.describe('The language.') }
const ofTeam = { teamSlug: teamSlug.describe('The address of the team.') }
const suggestions = json(articleSuggestions, 'At most three articles, the best first; none if nothing fits.')
const stale = '`conflict`: somebody else has changed the draft since; `data.current` is the stored draft.'
const editing = 'Members may do this to articles that they began themselves; `articles.publish` allows it for all.'

export const articles: Noun = {
  name: 'Articles',
  description:
    'The knowledge base. Each language of an article has a published revision and a working draft: editing changes the draft alone, and ' +
    'readers see what was published last. Revisions are never changed. Old addresses lead to the present one.',
  routes: {
    'GET /teams/[teamId]/article-categories': {
      id: 'listArticleCategories',
      summary: 'List article categories',
      permission: 'articles.view',
      query: pageQuery,
      answers: { 200: list(articleCategory, 'In the order of the help centre.') }
    },
    'POST /teams/[teamId]/article-categories': {
      id: 'createArticleCategory',
      summary: 'Add an article category',
      permission: 'articles.publish',
      body: articleCategoryCreate,
      answers: { 201: json(articleCategory, 'The new category.') },
      refusals: {
        409: '`name_taken`: another category has this name.',
        422: '`article_category_limit`: a team has at most 100 categories.'
      }
    },
    'PATCH /teams/[teamId]/article-categories/[categoryId]': {
      id: 'updateArticleCategory',
      summary: 'Change an article category',
      description: '`position` moves it among the others.',
      permission: 'articles.publish',
      body: articleCategoryUpdate,
      answers: { 200: json(articleCategory, 'The category as it is now.') },
      refusals: { 409: '`name_taken`: another category has this name.' }
    },
    'DELETE /teams/[teamId]/article-categories/[categoryId]': {
      id: 'deleteArticleCategory',
      summary: 'Delete an article category',
      permission: 'articles.publish',
      answers: deleted,
      refusals: { 409: '`category_used`: articles are in this category.' }
    },
    'GET /teams/[teamId]/articles': {
      id: 'listArticles',
      summary: 'List articles',
      description: '`q` matches parts of titles. Archived articles are listed with `state=archived` only.',
      permission: 'articles.view',
      query: articleQuery,
      answers: { 200: list(articleSummary, 'What changed last comes first. Unpublished articles are listed for those who may edit them.') }
    },
    'GET /teams/[teamId]/articles/suggest': {
      id: 'suggestArticles',
      summary: 'Suggest articles for a question',
      description: 'Published articles of all audiences: `audience` says who may read each of them.',
      permission: 'articles.view',
      query: articleSuggestQuery,
      answers: { 200: suggestions }
    },
    'GET /teams/[teamId]/articles/gaps': {
      id: 'listArticleGaps',
      summary: 'List what the knowledge base lacks',
      description: 'Of the last 90 days, at most 100.',
      permission: 'articles.manage',
      answers: { 200: json(articleGaps, 'What happened most often comes first.') }
    },
    'GET /public/[teamSlug]/articles': {
      id: 'listPublicArticles',
      summary: 'List public articles',
      description: 'Published articles that anybody may read, each in one language.',
      isPublic: true,
      parameters: ofTeam,
      query: publicArticleQuery,
      answers: { 200: list(publicArticle, 'By title.') }
    },
    'GET /public/[teamSlug]/articles/suggest': {
      id: 'suggestPublicArticles',
      summary: 'Suggest public articles for a question',
      isPublic: true,
      parameters: ofTeam,
      query: articleSuggestQuery,
      answers: { 200: suggestions }
    },
    'GET /public/[teamSlug]/articles/[articleSlug]': {
      id: 'getPublicArticle',
      summary: 'Read a public article',
      description:
        'At a former address, `slug` is the present one. A picture `images/<id>.<extension>` in the text is at `/api/portal/<team>/images/<id>`.',
      isPublic: true,
      parameters: { ...ofTeam, articleSlug: articleSlug.describe('The address of the article.') },
      answers: { 200: json(publicArticleText, 'The article with its text.') }
    },
    'POST /teams/[teamId]/articles': {
      id: 'createArticle',
      summary: 'Begin an article',
      description: 'It is a draft in one language until it is published.',
      permission: 'articles.manage',
      body: articleCreate,
      answers: { 201: json(article, 'The new article.') },
      refusals: { 422: '`article_limit`: a team has at most 10,000 articles.' }
    },
    'GET /teams/[teamId]/articles/[articleId]': {
      id: 'getArticle',
      summary: 'Read an article',
      permission: 'articles.view',
      answers: { 200: json(article, 'The article with its texts.') }
    },
    'PATCH /teams/[teamId]/articles/[articleId]': {
      id: 'updateArticle',
      summary: 'Change the category, audience or archive of an article',
      description: `Archiving takes it from its readers. A published article also needs \`articles.publish\`. ${editing}`,
      permission: 'articles.manage',
      body: articleUpdate,
      answers: { 200: json(article, 'The article as it is now.') }
    },
    'DELETE /teams/[teamId]/articles/[articleId]': {
      id: 'deleteArticle',
      summary: 'Delete an article with its revisions',
      description: `If it was ever published, name the article that its readers are led to, or \`final=true\`. ${editing}`,
      permission: 'articles.manage',
      query: articleDeletion,
      answers: deleted,
      refusals: { 409: '`replacement_needed`: it was published, and the request names neither a replacement nor `final`.' }
    },
    'PUT /teams/[teamId]/articles/[articleId]/drafts/[locale]': {
      id: 'saveArticleDraft',
      summary: 'Save the draft of an article',
      description: `With \`version\` null it begins a language. ${editing}`,
      permission: 'articles.manage',
      parameters,
      body: articleDraftPut,
      answers: { 200: json(articleDraft, 'The draft as it is stored.') },
      refusals: { 409: stale }
    },
    'PATCH /teams/[teamId]/articles/[articleId]/translations/[locale]': {
      id: 'updateArticleTranslation',
      summary: 'Change the address of an article',
      description: `The former address leads to the new one. A published article also needs \`articles.publish\`. ${editing}`,
      permission: 'articles.manage',
      parameters,
      body: articleTranslationUpdate,
      answers: { 200: json(article, 'The article as it is now.') },
      refusals: { 409: '`slug_taken`: another article has or had this address.' }
    },
    'PUT /teams/[teamId]/articles/[articleId]/publications/[locale]': {
      id: 'publishArticle',
      summary: 'Publish the draft of an article',
      permission: 'articles.publish',
      parameters,
      body: articlePublish,
      answers: { 200: json(article, 'The article as it is now.') },
      refusals: {
        409: `${stale} \`article_archived\`: take it out of the archive first.`,
        422: '`article_untitled`, `article_empty`: an article needs a title and a text to be published.'
      }
    },
    'DELETE /teams/[teamId]/articles/[articleId]/publications/[locale]': {
      id: 'unpublishArticle',
      summary: 'Take an article from its readers',
      description: 'The draft, the revisions and the address stay.',
      permission: 'articles.publish',
      parameters,
      answers: { 204: { description: 'Readers do not see this language any more.' } }
    },
    'POST /teams/[teamId]/article-images': {
      id: 'createArticleImage',
      summary: 'Upload a picture for articles',
      description:
        'The body is `multipart/form-data` with one field `file` of at most 25 MB (26,214,400 bytes). A picture that no draft and no revision names is deleted after 24 hours.',
      permission: 'articles.manage',
      file: ['multipart/form-data'],
      answers: { 201: json(articleImage, 'The picture.') },
      refusals: {
        408: 'No part of the file arrived for 30 seconds.',
        409: '`upload_unscanned`: the team blocks files that the virus scanner has not seen. The same request with its Idempotency-Key keeps the picture after the scan.',
        422: '`not_a_picture`: neither PNG, JPEG, GIF nor WebP. `upload_infected`: the virus scanner refused it. `empty_file`: it has no bytes. `article_image_limit`: a team has at most 10,000 pictures in articles. `too_many_uploads`: 100 files of the caller wait to be sent.',
        502: '`storage_failed`: the file storage does not answer.'
      }
    },
    'GET /teams/[teamId]/article-images/[imageId]': {
      id: 'getArticleImage',
      summary: 'Download a picture of an article',
      description:
        'Whoever may read a text that names it may see it; who uploaded it may, too. Readers of the help centre find it at `/api/portal/<team>/images/<id>`. One `Range` of bytes is supported.',
      permission: 'articles.view',
      answers: {
        200: file('The content.', ...inlineTypes),
        206: file('The part that `Range` asks for.', ...inlineTypes),
        304: { description: 'The picture still has the `ETag` from `If-None-Match`.' }
      },
      refusals: {
        409: '`attachment_unscanned`: the team blocks files that the virus scanner has not seen.',
        416: '`range`: the picture has no such range.',
        502: '`storage_failed`: the file storage does not answer.'
      }
    },
    'GET /teams/[teamId]/articles/[articleId]/tickets': {
      id: 'listArticleTickets',
      summary: 'List the tickets that cite an article',
      permission: 'articles.view',
      query: articleTicketQuery,
      answers: { 200: list(articleTicket, 'The last cited first.') }
    },
    'POST /teams/[teamId]/tickets/[ticketId]/article-draft': {
      id: 'draftArticle',
      summary: 'Draft an article from a resolved ticket',
      description:
        'It begins with the subject and the longest public reply of an agent before the resolution. Names of the requester, the participants and the agent, mail addresses, phone numbers and ids in links are replaced by markers. It is for the team only, and the ticket cites it.',
      permission: 'articles.manage',
      answers: { 201: json(article, 'The new article.') },
      refusals: {
        409: '`not_resolved`: the ticket is neither resolved nor closed. `already_drafted`: an article was drafted from it already; `data.article_id` names it.',
        422: '`no_answer`: it has no public reply of an agent. `article_limit`: a team has at most 10,000 articles. `citation_limit`: it would cite more than 50 articles.'
      }
    },
    'PUT /teams/[teamId]/tickets/[ticketId]/articles/[articleId]': {
      id: 'citeArticle',
      summary: 'Cite an article at a ticket',
      description:
        'Clients do not see it. An article that is cited there already stays as it was cited. Replies cite the articles that they link to.',
      permission: 'replies.create',
      answers: { 200: json(citedArticle, 'The citation.') },
      refusals: { 422: '`citation_limit`: a ticket cites at most 50 articles.' }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]/articles/[articleId]': {
      id: 'removeCitation',
      summary: 'Remove an article from a ticket',
      description: 'What somebody else has cited needs `tickets.update`.',
      permission: 'replies.create',
      answers: { 204: { description: 'The ticket does not cite the article any more.' } }
    },
    'GET /teams/[teamId]/articles/[articleId]/feedback': {
      id: 'listArticleFeedback',
      summary: 'List what readers said about an article',
      permission: 'articles.view',
      query: articleFeedbackQuery,
      answers: { 200: list(articleFeedback, 'The newest first.') }
    },
    'GET /teams/[teamId]/articles/[articleId]/revisions': {
      id: 'listArticleRevisions',
      summary: 'List the revisions of an article',
      permission: 'articles.view',
      query: articleRevisionQuery,
      answers: { 200: list(articleRevision, 'The newest first. Callers who may not edit the article see what is published now.') }
    },
    'GET /teams/[teamId]/articles/[articleId]/revisions/[revisionId]': {
      id: 'getArticleRevision',
      summary: 'Read a revision of an article',
      permission: 'articles.view',
      answers: { 200: json(articleRevisionText, 'The revision with its text.') }
    },
    'POST /teams/[teamId]/articles/[articleId]/revisions/[revisionId]/restore': {
      id: 'restoreArticleRevision',
      summary: 'Make a revision the draft again',
      description: `Readers see it after it is published. A draft that no revision holds is kept as one. ${editing}`,
      permission: 'articles.manage',
      body: articleRestore,
      answers: { 200: json(articleDraft, 'The draft as it is now.') },
      refusals: { 409: stale }
    }
  }
}
