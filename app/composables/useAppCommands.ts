import type { Command } from '~/utils/command'

/** What can be done from anywhere in the agent app. */
export function useAppCommands(): void {
  const { can } = usePermissions()
  const { teams, team, switchTeam } = useTeam()
  const { views } = useSavedViews()
  const { toggle, isSheetOpen } = useCommandPalette()
  const { isOpen: isCreating } = useTicketCreation()
  const { signOut } = useAuth()
  const route = useRoute()
  const colorMode = useColorMode()
  const { run: leave } = useAction(() => signOut(), { failure: 'You are still signed in' })
  const { run: change } = useAction(async (id: string) => {
    await navigateTo({ path: route.path }) // a ticket or filter in the query belongs to the team that is left
    await switchTeam(id)
  }, { failure: 'The team was not remembered' })

  useCommands((): Command[] => [
    { id: 'palette', label: 'Command palette', group: 'navigate', shortcut: 'meta_k', isKeyOnly: true, run: toggle },
    ...navigation,
    ...can('tickets.view') ? views.value.map(({ id, name, icon, filters }): Command => ({ id: `view.${id}`, label: name, icon, group: 'views', keywords: 'view filter', run: () => navigateTo(viewAddress(filters)) })) : [],
    { id: 'create.ticket', label: 'New ticket', icon: 'i-lucide-plus', group: 'create', keywords: 'create add open', shortcut: 'c', when: () => can('tickets.create'), run: () => {
      isCreating.value = true
    } },
    { id: 'create.team', label: 'New team', icon: 'i-lucide-users', group: 'create', keywords: 'create add', run: () => navigateTo('/teams/new') },
    { id: 'shortcuts', label: 'Keyboard shortcuts', icon: 'i-lucide-keyboard', group: 'account', keywords: 'help keys', shortcut: '?', run: () => {
      isSheetOpen.value = true
    } },
    { id: 'theme', label: 'Change theme…', icon: 'i-lucide-palette', group: 'account', keywords: 'dark light colours appearance', children: () => themes.map(({ id, label, icon }): Command => ({ id: `theme.${id}`, label, icon, group: 'account', isCurrent: colorMode.preference === id, run: () => {
      colorMode.preference = id
    } })) },
    { id: 'team', label: 'Switch team…', icon: 'i-lucide-building-2', group: 'account', keywords: 'company organisation', when: () => teams.value.length > 1, children: () => teams.value.map(({ id, name }): Command => ({ id: `team.${id}`, label: name, avatar: { alt: name }, group: 'account', isCurrent: id === team.value?.id, run: () => id !== team.value?.id && void change(id) })) },
    { id: 'sign-out', label: 'Sign out', icon: 'i-lucide-log-out', group: 'account', keywords: 'leave log out', run: () => void leave() }
  ])

  const navigation: Command[] = [
    { id: 'go.dashboard', label: 'Dashboard', icon: 'i-lucide-layout-dashboard', group: 'navigate', keywords: 'go home start', shortcut: 'g-d', when: () => can('team.view'), run: () => navigateTo('/dashboard') },
    { id: 'go.tickets', label: 'Tickets', icon: 'i-lucide-inbox', group: 'navigate', keywords: 'go list queue', shortcut: 'g-t', when: () => can('tickets.view'), run: () => navigateTo('/tickets') },
    { id: 'go.my-tickets', label: 'My tickets', icon: 'i-lucide-circle-user-round', group: 'navigate', keywords: 'go assigned to me mine', shortcut: 'g-m', when: () => can('tickets.view'), run: () => navigateTo({ path: '/tickets', query: { assigned_to: 'me', status: ['open', 'in_progress', 'waiting'] } }) },
    { id: 'go.reports', label: 'Reports', icon: 'i-lucide-chart-no-axes-column', group: 'navigate', keywords: 'go analytics charts figures', when: () => can('team.view'), run: () => navigateTo('/reports') },
    { id: 'go.settings', label: 'Settings', icon: 'i-lucide-settings', group: 'navigate', keywords: 'go preferences', shortcut: 'g-s', run: () => navigateTo('/settings') },
    { id: 'go.profile', label: 'Profile', icon: 'i-lucide-user', group: 'navigate', keywords: 'go name avatar password', run: () => navigateTo('/settings/profile') },
    { id: 'go.members', label: 'Members', icon: 'i-lucide-users', group: 'navigate', keywords: 'go people roles invite', when: () => can('team.view'), run: () => navigateTo('/settings/members') },
    { id: 'go.routing', label: 'Routing', icon: 'i-lucide-folder-tree', group: 'navigate', keywords: 'go categories types items', when: () => can('routing.view'), run: () => navigateTo('/settings/routing') },
    { id: 'go.canned-responses', label: 'Canned responses', icon: 'i-lucide-message-square-quote', group: 'navigate', keywords: 'go templates macros', when: () => can('canned_responses.view'), run: () => navigateTo('/settings/canned-responses') }
  ]
}

const themes = [
  { id: 'light', label: 'Light', icon: 'i-lucide-sun' },
  { id: 'dark', label: 'Dark', icon: 'i-lucide-moon' },
  { id: 'system', label: 'System', icon: 'i-lucide-monitor' }
]
