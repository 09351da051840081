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
    ...settingsPages.map(({ path, title, icon, keywords, permission }): Command => ({
      id: path,
      label: title,
      icon,
      group: 'navigate',
      keywords: `go settings ${keywords}`,
      when: () => !permission || can(permission),
      run: () => navigateTo(path)
    })),
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
    ...settingsForms.map(({ path, label, icon, keywords, permission }): Command => ({
      id: `create.${path}`,
      label,
      icon,
      group: 'create',
      keywords: `create add ${keywords}`,
      when: () => can(permission),
      run: () => navigateTo({ path, query: { new: '' } })
    })),
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

// Forms of the settings, which open when their page is called with `?new`.
const settingsForms = [
  {
    path: '/settings/members',
    label: 'Invite somebody',
    icon: 'i-lucide-user-plus',
    keywords: 'member invitation colleague',
    permission: 'members.invite'
  },
  {
    path: '/settings/canned-responses',
    label: 'New canned response',
    icon: 'i-lucide-message-square-quote',
    keywords: 'template macro',
    permission: 'canned_responses.manage'
  },
  {
    path: '/settings/api-keys',
    label: 'New API key',
    icon: 'i-lucide-key-round',
    keywords: 'token script service agent',
    permission: 'api_keys.manage'
  },
  { path: '/settings/webhooks', label: 'New webhook', icon: 'i-lucide-webhook', keywords: 'integration n8n', permission: 'webhooks.manage' }
] as const

const themes = [
  { id: 'light', label: 'Light', icon: 'i-lucide-sun' },
  { id: 'dark', label: 'Dark', icon: 'i-lucide-moon' },
  { id: 'system', label: 'System', icon: 'i-lucide-monitor' }
]
