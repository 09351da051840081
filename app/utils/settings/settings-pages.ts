import type { Permission } from '#shared/permissions'

export type SettingsGroup = 'You' | 'Team' | 'Developers'

export interface SettingsPage {
  group: SettingsGroup
  path: string
  /** The title of the page and of its window, and its name in the palette. */
  title: string
  /** In the navigation of the settings, where it is shorter than the title. */
  label?: string
  icon: string
  /** Further search words of the palette. */
  keywords: string
  /** What a member needs to see it. */
  permission?: Permission
}

export const settingsGroups: SettingsGroup[] = ['You', 'Team', 'Developers']

/** The pages of the settings, in the order of their navigation. */
export const settingsPages: SettingsPage[] = [
  {
    group: 'You',
    path: '/settings/profile',
    title: 'Profile',
    icon: 'i-lucide-circle-user-round',
    keywords: 'name avatar password shortcuts'
  },
  {
    group: 'You',
    path: '/settings/notifications',
    title: 'Notification settings',
    label: 'Notifications',
    icon: 'i-lucide-bell',
    keywords: 'preferences mail bell',
    permission: 'tickets.view'
  },
  {
    group: 'Team',
    path: '/settings/team',
    title: 'Team settings',
    label: 'General',
    icon: 'i-lucide-building-2',
    keywords: 'name address portal help centre colour time zone',
    permission: 'team.view'
  },
  {
    group: 'Team',
    path: '/settings/members',
    title: 'Members',
    icon: 'i-lucide-users',
    keywords: 'people roles invite invitations',
    permission: 'team.view'
  },
  {
    group: 'Team',
    path: '/settings/categories',
    title: 'Categories',
    icon: 'i-lucide-network',
    keywords: 'types items routing',
    permission: 'routing.view'
  },
  {
    group: 'Team',
    path: '/settings/canned-responses',
    title: 'Canned responses',
    icon: 'i-lucide-message-square-quote',
    keywords: 'templates macros',
    permission: 'canned_responses.view'
  },
  {
    group: 'Team',
    path: '/settings/sla',
    title: 'SLA policies',
    icon: 'i-lucide-timer',
    keywords: 'targets response resolution due escalations',
    permission: 'sla.view'
  },
  {
    group: 'Team',
    path: '/settings/calendars',
    title: 'Calendars',
    icon: 'i-lucide-calendar-clock',
    keywords: 'business hours opening holidays sla',
    permission: 'sla.view'
  },
  {
    group: 'Team',
    path: '/settings/jobs',
    title: 'Jobs',
    icon: 'i-lucide-list-checks',
    keywords: 'queue failed retry mails deliveries',
    permission: 'jobs.manage'
  },
  {
    group: 'Team',
    path: '/settings/audit',
    title: 'Audit log',
    icon: 'i-lucide-scroll-text',
    keywords: 'history events who did',
    permission: 'audit.view'
  },
  {
    group: 'Developers',
    path: '/settings/api-keys',
    title: 'API keys',
    icon: 'i-lucide-key-round',
    keywords: 'tokens scripts service agent',
    permission: 'api_keys.own'
  },
  {
    group: 'Developers',
    path: '/settings/webhooks',
    title: 'Webhooks',
    icon: 'i-lucide-webhook',
    keywords: 'deliveries integrations n8n',
    permission: 'webhooks.manage'
  }
]
