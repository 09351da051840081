export default defineAppConfig({
  ui: {
    colors: { primary: 'indigo', neutral: 'zinc', success: 'green', warning: 'amber', error: 'red', info: 'sky' },
    // The theme's default shades on a 10 % tint have a contrast below 4.5 in light mode.
    badge: {
      slots: { base: 'tabular-nums' },
      compoundVariants: [
        { color: 'primary', variant: ['subtle', 'soft'], class: 'text-primary-700 dark:text-primary-300' },
        { color: 'success', variant: ['subtle', 'soft'], class: 'text-success-800 dark:text-success-300' },
        { color: 'warning', variant: ['subtle', 'soft'], class: 'text-warning-800 dark:text-warning-300' },
        { color: 'error', variant: ['subtle', 'soft'], class: 'text-error-700 dark:text-error-300' },
        { color: 'info', variant: ['subtle', 'soft'], class: 'text-info-800 dark:text-info-300' }
      ]
    },
    alert: {
      slots: { description: 'opacity-100' },
      compoundVariants: [
        { color: 'primary', variant: ['subtle', 'soft'], class: { root: 'text-primary-800 dark:text-primary-200' } },
        { color: 'success', variant: ['subtle', 'soft'], class: { root: 'text-success-900 dark:text-success-200' } },
        { color: 'warning', variant: ['subtle', 'soft'], class: { root: 'text-warning-900 dark:text-warning-200' } },
        { color: 'error', variant: ['subtle', 'soft'], class: { root: 'text-error-800 dark:text-error-200' } },
        { color: 'info', variant: ['subtle', 'soft'], class: { root: 'text-info-900 dark:text-info-200' } }
      ]
    },
    toast: { slots: { title: 'wrap-anywhere', description: 'wrap-anywhere' } },
    dashboardPanel: { slots: { body: 'gap-4 sm:gap-5 p-4 sm:p-5' } },
    dashboardNavbar: { slots: { root: 'px-3 sm:px-5', title: 'text-[15px]' } },
    dashboardToolbar: { slots: { root: 'px-3 sm:px-5' } }
  }
})
