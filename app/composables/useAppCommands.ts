import type { Command } from '~/utils/command'

/** What can be done from anywhere in the agent app. */
export function useAppCommands(): void {
  const { can } = usePermissions()
  const { toggle, isSheetOpen } = useCommandPalette()

  useCommands((): Command[] => [
    { id: 'palette', label: 'Command palette', group: 'navigate', shortcut: 'meta_k', isKeyOnly: true, run: toggle },
    { id: 'shortcuts', label: 'Keyboard shortcuts', icon: 'i-lucide-keyboard', group: 'account', keywords: 'help keys', shortcut: '?', run: () => {
      isSheetOpen.value = true
    } },
    { id: 'go.dashboard', label: 'Go to the dashboard', icon: 'i-lucide-layout-dashboard', group: 'navigate', keywords: 'home start', shortcut: 'g-d', when: () => can('team.view'), run: () => navigateTo('/dashboard') },
    { id: 'go.tickets', label: 'Go to tickets', icon: 'i-lucide-inbox', group: 'navigate', keywords: 'list queue', shortcut: 'g-t', when: () => can('tickets.view'), run: () => navigateTo('/tickets') },
    { id: 'go.my-tickets', label: 'Go to my tickets', icon: 'i-lucide-circle-user-round', group: 'navigate', keywords: 'assigned to me mine', shortcut: 'g-m', when: () => can('tickets.view'), run: () => navigateTo({ path: '/tickets', query: { assigned_to: 'me', status: ['open', 'in_progress', 'waiting'] } }) },
    { id: 'go.reports', label: 'Go to reports', icon: 'i-lucide-chart-no-axes-column', group: 'navigate', keywords: 'analytics charts figures', when: () => can('team.view'), run: () => navigateTo('/reports') },
    { id: 'go.settings', label: 'Go to settings', icon: 'i-lucide-settings', group: 'navigate', keywords: 'preferences', shortcut: 'g-s', run: () => navigateTo('/settings') }
  ])
}
