import type { Command } from '~/utils/command/command'

/** Commands with a global shortcut. Commands without one are in `usePaletteCommands`. */
export function useAppCommands(): void {
  const { can } = usePermissions()
  const { toggle, isHelpOpen } = useCommandPalette()
  const { isOpen: isCreating } = useTicketCreation()
  const mayView = () => can('tickets.view')

  useCommands((): Command[] => [
    { id: 'palette', label: 'Command palette', group: 'navigate', shortcut: 'meta_k', isKeyOnly: true, run: toggle },
    {
      id: 'go.dashboard',
      label: 'Dashboard',
      icon: 'i-solar-widget-5-bold-duotone',
      group: 'navigate',
      keywords: 'go home start',
      shortcut: 'g-d',
      when: () => can('team.view'),
      run: () => navigateTo('/dashboard')
    },
    {
      id: 'go.tickets',
      label: 'Tickets',
      icon: 'i-solar-chat-round-dots-bold-duotone',
      group: 'navigate',
      keywords: 'go list queue',
      shortcut: 'g-t',
      when: mayView,
      run: () => navigateTo('/tickets')
    },
    {
      id: 'go.my-tickets',
      label: 'My tickets',
      icon: 'i-lucide-circle-user-round',
      group: 'navigate',
      keywords: 'go assigned to me mine',
      shortcut: 'g-m',
      when: mayView,
      run: () => navigateTo({ path: '/tickets', query: { assigned_to: 'me', status: ['open', 'in_progress', 'waiting'] } })
    },
    {
      id: 'go.contacts',
      label: 'Contacts',
      icon: 'i-solar-users-group-rounded-bold-duotone',
      group: 'navigate',
      keywords: 'go people clients requesters',
      shortcut: 'g-c',
      when: () => can('contacts.view'),
      run: () => navigateTo('/contacts')
    },
    {
      id: 'go.articles',
      label: 'Knowledge base',
      icon: 'i-solar-book-2-bold-duotone',
      group: 'navigate',
      keywords: 'go articles help centre faq',
      shortcut: 'g-a',
      when: () => can('articles.view'),
      run: () => navigateTo('/articles')
    },
    {
      id: 'go.notifications',
      label: 'Notifications',
      icon: 'i-solar-bell-bing-bold-duotone',
      group: 'navigate',
      keywords: 'go inbox unread bell mentions',
      shortcut: 'g-n',
      when: mayView,
      run: () => navigateTo('/notifications')
    },
    {
      id: 'go.settings',
      label: 'Settings',
      icon: 'i-solar-settings-bold-duotone',
      group: 'navigate',
      keywords: 'go preferences',
      shortcut: 'g-s',
      run: () => navigateTo('/settings')
    },
    {
      id: 'create.ticket',
      label: 'New ticket',
      icon: 'i-lucide-plus',
      group: 'create',
      keywords: 'create add open',
      shortcut: 'c',
      when: () => can('tickets.create'),
      run: () => void (isCreating.value = true)
    },
    {
      id: 'shortcuts',
      label: 'Keyboard shortcuts',
      icon: 'i-lucide-circle-help',
      group: 'account',
      keywords: 'help keys',
      shortcut: '?',
      run: () => void (isHelpOpen.value = true)
    }
  ])
}
