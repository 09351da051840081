import { roleCan, type Permission } from '#shared/permissions'

/** The permissions of the signed-in person in the current team, to decide what to show. The server enforces them. */
export function usePermissions() {
  const { team } = useTeam()
  const role = computed(() => team.value?.role ?? null)

  function can(permission: Permission): boolean {
    return role.value !== null && roleCan(role.value, permission)
  }

  return { can, role }
}
