import { apiKeys } from './api-key.ts'
import { articleCategories, articleImages, articles, citations, publicArticles } from './article.ts'
import { attachments, uploads } from './attachment.ts'
import { bulk, operations } from './bulk-operation.ts'
import { calendars, holidays } from './calendar.ts'
import { cannedResponses } from './canned-response.ts'
import { categories } from './category.ts'
import { contacts, organizations, participants, projects } from './contact.ts'
import { drafts } from './draft.ts'
import { audit, exports } from './event.ts'
import { invitations } from './invitation.ts'
import { jobs } from './job.ts'
import { mails, replyAddress, unsubscribe } from './mail.ts'
import { members } from './member.ts'
import { mentions } from './mention.ts'
import { notificationPreferences, notifications } from './notification.ts'
import { openapi } from './open-route.ts'
import { portal } from './portal.ts'
import { avatars, profile } from './profile.ts'
import { ratings } from './rating.ts'
import { channels } from './realtime.ts'
import { replies } from './reply.ts'
import { analytics, stats } from './report.ts'
import { requests } from './request.ts'
import { savedViews } from './saved-view.ts'
import { slaClocks, slaPolicies, slaSimulations } from './sla.ts'
import { storage } from './storage.ts'
import { tags } from './tag.ts'
import { teams } from './team.ts'
import { texts } from './text-rule.ts'
import { search, tickets } from './ticket.ts'
import { webhooks } from './webhook.ts'
import type { AuthorizationRow, Resource } from './row.ts'

/** Clients have a view of their own tickets in the portal. What else belongs to a team does not exist for them. */
const hidden = (rows: readonly AuthorizationRow[]): Resource => ({ client: 'hidden', session: 'hidden', rows })

/** A client learns that a ticket is not theirs to change; a link to one ticket opens nothing else. */
const ofTickets = (rows: readonly AuthorizationRow[]): Resource => ({ client: 'refused', session: 'hidden', rows })

/** What needs no team. */
const open = (rows: readonly AuthorizationRow[]): Resource => ({ client: 'allowed', session: 'allowed', rows })

/**
 * The authorization matrix: who may do what. A resource with routes has the name of its tests in tests/api, which generate a request
 * for each row. tests/db/authorization.test.ts generates the statements, channels and objects, and fails for a table, function,
 * channel or bucket that no row reaches; tests/unit/support/authorization.test.ts for a route.
 */
export const matrix = {
  'analytics': hidden(analytics),
  'api-keys': hidden(apiKeys),
  'article-categories': hidden(articleCategories),
  'article-images': hidden(articleImages),
  'articles': hidden(articles),
  'attachments': ofTickets(attachments),
  'audit': hidden(audit),
  'avatars': hidden(avatars),
  'bulk': ofTickets(bulk),
  'calendars': hidden(calendars),
  'canned-responses': hidden(cannedResponses),
  'channels': hidden(channels),
  'citations': hidden(citations),
  'contacts': hidden(contacts),
  'cti': hidden(categories),
  'drafts': hidden(drafts),
  'export': hidden(exports),
  'holidays': hidden(holidays),
  'invitations': hidden(invitations),
  'jobs': hidden(jobs),
  'mails': hidden(mails),
  'members': hidden(members),
  'mentions': hidden(mentions),
  'notification-preferences': hidden(notificationPreferences),
  'notifications': hidden(notifications),
  'openapi': open(openapi),
  'operations': hidden(operations),
  'organizations': hidden(organizations),
  'projects': hidden(projects),
  'participants': hidden(participants),
  'portal': hidden(portal),
  'profile': hidden(profile),
  'public': open(publicArticles),
  'ratings': hidden(ratings),
  'replies': ofTickets(replies),
  'reply-address': hidden(replyAddress),
  'requests': open(requests),
  'saved-views': hidden(savedViews),
  'search': ofTickets(search),
  'stats': hidden(stats),
  'sla-clocks': hidden(slaClocks),
  'sla-policies': hidden(slaPolicies),
  'sla-simulations': hidden(slaSimulations),
  'storage': ofTickets(storage),
  'tags': hidden(tags),
  'teams': hidden(teams),
  'texts': open(texts),
  'tickets': ofTickets(tickets),
  'unsubscribe': hidden(unsubscribe),
  'uploads': hidden(uploads),
  'webhooks': hidden(webhooks)
} satisfies Record<string, Resource>

export type ResourceName = keyof typeof matrix

/** The rows of all resources, each with the name of its resource. */
export const rows: readonly (AuthorizationRow & { resource: ResourceName })[] = (Object.keys(matrix) as ResourceName[]).flatMap(resource =>
  matrix[resource].rows.map(row => ({ client: matrix[resource].client, session: matrix[resource].session, ...row, resource }))
)
