interface NotificationRows {
  move(by: number): void
  readCurrent(): void
}

interface NotificationCommandsOptions {
  /** The rows, while the list is shown. */
  rows: Readonly<Ref<NotificationRows | null>>
  unread: Ref<number>
  readAll(): void
}

/** Registers the commands of the notifications page. */
export function useNotificationCommands({ rows, unread, readAll }: NotificationCommandsOptions): void {
  useCommands(() => [
    {
      id: 'notifications.next',
      label: 'Next notification',
      group: 'context',
      scope: 'list',
      shortcut: ['j', 'arrowdown'],
      isKeyOnly: true,
      run: () => rows.value?.move(1)
    },
    {
      id: 'notifications.previous',
      label: 'Previous notification',
      group: 'context',
      scope: 'list',
      shortcut: ['k', 'arrowup'],
      isKeyOnly: true,
      run: () => rows.value?.move(-1)
    },
    {
      id: 'notifications.read',
      label: 'Mark as read',
      group: 'context',
      scope: 'list',
      shortcut: 'm',
      isKeyOnly: true,
      run: () => rows.value?.readCurrent()
    },
    {
      id: 'notifications.read-all',
      label: 'Mark all notifications as read',
      icon: 'i-lucide-check-check',
      group: 'context',
      when: () => unread.value > 0,
      run: readAll
    }
  ])
}
