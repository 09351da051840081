import type { Command } from '~/utils/command/command'

/** Global commands of the palette that have no shortcut. */
export function usePaletteCommands(): void {
  const { can } = usePermissions()
  const { teams, team, profile, switchTeam } = useTeam()
  const { views } = useSavedViews()
  const { members } = useMembers()
  const { signOut } = useAuth()
  const { isOpen: isArticleCreating } = useArticleCreation()
  const route = useRoute()
  const colorMode = useColorMode()
  const { run: leave } = useAction(() => signOut(), { failure: 'You are still signed in' })
  const { run: change } = useAction(
    async (id: string) => {
      await navigateTo({ path: route.path }) // a ticket or filter in the query belongs to the previous team
      await switchTeam(id)
    },
    { failure: 'The team was switched for this visit only' }
  )

  useCommands((): Command[] => [
    {
      id: 'go.reports',
      label: 'Reports',
      icon: 'i-solar-chart-square-bold-duotone',
      group: 'navigate',
      keywords: 'go analytics charts figures',
      when: () => can('team.view'),
      run: () => navigateTo('/reports')
    },
    {
      id: 'go.organizations',
      label: 'Organizations',
      icon: 'i-lucide-building-2',
      group: 'navigate',
      keywords: 'go companies domains contacts',
      when: () => can('contacts.view'),
      run: () => navigateTo('/contacts/organizations')
    },
    {
      id: 'go.projects',
      label: 'Projects',
      icon: 'i-lucide-folder',
      group: 'navigate',
      keywords: 'go products websites contacts',
      when: () => can('contacts.view'),
      run: () => navigateTo('/contacts/projects')
    },
    {
      id: 'go.article-categories',
      label: 'Article categories',
      icon: 'i-lucide-folder',
      group: 'navigate',
      keywords: 'go knowledge base sections help centre',
      when: () => can('articles.view'),
      run: () => navigateTo('/articles/categories')
    },
    {
      id: 'go.article-gaps',
      label: 'Gaps of the knowledge base',
      icon: 'i-lucide-search-x',
      group: 'navigate',
      keywords: 'go articles missing searches without result',
      when: () => can('articles.manage'),
      run: () => navigateTo('/articles/gaps')
    },
    {
      id: 'go.profile',
      label: 'Profile',
      icon: 'i-lucide-user',
      group: 'navigate',
      keywords: 'go name avatar password',
      run: () => navigateTo('/settings/profile')
    },
    {
      id: 'go.notification-settings',
      label: 'Notification settings',
      icon: 'i-lucide-bell',
      group: 'navigate',
      keywords: 'go preferences mail bell',
      when: () => can('tickets.view'),
      run: () => navigateTo('/settings/notifications')
    },
    {
      id: 'go.team',
      label: 'Team settings',
      icon: 'i-lucide-building-2',
      group: 'navigate',
      keywords: 'go',
      when: () => can('team.view'),
      run: () => navigateTo('/settings/team')
    },
    {
      id: 'go.members',
      label: 'Members',
      icon: 'i-lucide-users',
      group: 'navigate',
      keywords: 'go people roles invite',
      when: () => can('team.view'),
      run: () => navigateTo('/settings/members')
    },
    {
      id: 'go.routing',
      label: 'Routing',
      icon: 'i-lucide-network',
      group: 'navigate',
      keywords: 'go categories types items',
      when: () => can('routing.view'),
      run: () => navigateTo('/settings/routing')
    },
    {
      id: 'go.canned-responses',
      label: 'Canned responses',
      icon: 'i-lucide-message-square-quote',
      group: 'navigate',
      keywords: 'go templates macros',
      when: () => can('canned_responses.view'),
      run: () => navigateTo('/settings/canned-responses')
    },
    {
      id: 'go.sla',
      label: 'SLA policies',
      icon: 'i-lucide-timer',
      group: 'navigate',
      keywords: 'go targets response resolution due escalations',
      when: () => can('sla.view'),
      run: () => navigateTo('/settings/sla')
    },
    {
      id: 'go.calendars',
      label: 'Calendars',
      icon: 'i-lucide-calendar-clock',
      group: 'navigate',
      keywords: 'go business hours opening holidays sla',
      when: () => can('sla.view'),
      run: () => navigateTo('/settings/calendars')
    },
    {
      id: 'go.audit',
      label: 'Audit log',
      icon: 'i-lucide-scroll-text',
      group: 'navigate',
      keywords: 'go history events who did',
      when: () => can('audit.view'),
      run: () => navigateTo('/settings/audit')
    },
    {
      id: 'go.api-keys',
      label: 'API keys',
      icon: 'i-lucide-key-round',
      group: 'navigate',
      keywords: 'go tokens scripts service agent',
      when: () => can('api_keys.own'),
      run: () => navigateTo('/settings/api-keys')
    },
    {
      id: 'go.webhooks',
      label: 'Webhooks',
      icon: 'i-lucide-webhook',
      group: 'navigate',
      keywords: 'go deliveries integrations n8n',
      when: () => can('webhooks.manage'),
      run: () => navigateTo('/settings/webhooks')
    },
    {
      id: 'go.jobs',
      label: 'Jobs',
      icon: 'i-lucide-list-checks',
      group: 'navigate',
      keywords: 'go queue failed retry mails',
      when: () => can('jobs.manage'),
      run: () => navigateTo('/settings/jobs')
    },
    {
      id: 'go.api-reference',
      label: 'API reference',
      icon: 'i-lucide-book-open',
      group: 'navigate',
      keywords: 'go docs developers openapi',
      run: () => navigateTo('/docs/api')
    },
    {
      id: 'export.tickets',
      label: 'Export tickets as CSV',
      icon: 'i-lucide-download',
      group: 'navigate',
      keywords: 'download spreadsheet',
      when: () => can('tickets.export'),
      run: () => navigateTo(exportPath(team.value!.id, parseListQuery(route.path === '/tickets' ? route.query : {})), { external: true })
    },
    {
      id: 'export.audit',
      label: 'Export the audit log as CSV',
      icon: 'i-lucide-download',
      group: 'navigate',
      keywords: 'download history events',
      when: () => can('audit.export'),
      run: () => navigateTo(`/api/teams/${team.value!.id}/export/audit.csv`, { external: true })
    },
    ...(can('tickets.view')
      ? views.value.map(({ id, name, icon, filters }): Command => ({
          id: `view.${id}`,
          label: name,
          icon,
          group: 'views',
          keywords: 'view filter',
          run: () => navigateTo(viewAddress(filters))
        }))
      : []),
    {
      id: 'create.article',
      label: 'New article',
      icon: 'i-lucide-file-plus',
      group: 'create',
      keywords: 'create add write knowledge base',
      when: () => can('articles.manage'),
      run: async () => {
        if (route.path !== '/articles') await navigateTo('/articles')
        isArticleCreating.value = true
      }
    },
    {
      id: 'create.team',
      label: 'New team',
      icon: 'i-lucide-users',
      group: 'create',
      keywords: 'create add',
      run: () => navigateTo('/teams/new')
    },
    ...members.value
      .map(member => personChoice(member, profile.value?.id))
      .map(({ value: id, label, avatar }): Command => ({
        id: `people.${id}`,
        label,
        avatar,
        group: 'people',
        keywords: 'tickets of',
        run: () => navigateTo({ path: '/tickets', query: { assigned_to: id } })
      })),
    {
      id: 'theme',
      label: 'Change theme…',
      icon: 'i-lucide-palette',
      group: 'account',
      keywords: 'dark light colours appearance',
      children: () =>
        themes.map(({ id, label, icon }) => ({
          id: `theme.${id}`,
          label,
          icon,
          group: 'account',
          isCurrent: colorMode.preference === id,
          run: () => void (colorMode.preference = id)
        }))
    },
    {
      id: 'team',
      label: 'Switch team…',
      icon: 'i-lucide-building-2',
      group: 'account',
      keywords: 'company organisation',
      when: () => teams.value.length > 1,
      children: () =>
        teams.value.map(({ id, name }) => ({
          id: `team.${id}`,
          label: name,
          avatar: { alt: name },
          group: 'account',
          isCurrent: id === team.value?.id,
          run: () => id !== team.value?.id && void change(id)
        }))
    },
    { id: 'sign-out', label: 'Sign out', icon: 'i-lucide-log-out', group: 'account', keywords: 'leave log out', run: () => void leave() }
  ])
}

const themes = [
  { id: 'light', label: 'Light', icon: 'i-lucide-sun' },
  { id: 'dark', label: 'Dark', icon: 'i-lucide-moon' },
  { id: 'system', label: 'System', icon: 'i-lucide-monitor' }
]
