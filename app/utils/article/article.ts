import type { ArticleAudience } from '#shared/article'

/** What agents read about an audience. */
export const audienceTexts: Record<ArticleAudience, { label: string; description: string; icon: string }> = {
  public: { label: 'Everybody', description: 'Anybody on the internet, and search engines', icon: 'i-lucide-globe' },
  clients: { label: 'Clients', description: 'Contacts who are signed in to the portal', icon: 'i-lucide-users' },
  internal: { label: 'Team only', description: 'Members of the team', icon: 'i-lucide-lock' }
}
