import {
  article,
  articleCategory,
  articleDraft,
  articleFeedback,
  articleRevision,
  articleRevisionText,
  articleSummary
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
  articleTranslationUpdate,
  articleUpdate
} from '#shared/schemas/article'
import { pageQuery } from '#shared/schemas/page'
import { deleted, json, list, type Noun } from '../describe'

const parameters = { locale: articleLocale.describe('The language.') }
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
