import { roleCan, type Permission } from '#shared/permissions'

/** What the signed-in person may do in the current team, to decide what is shown. The server enforces it. */
export function usePermissions() {
  const { team } = useTeam()
  const role = computed(() => team.value?.role ?? null)

  function can(permission: Permission): boolean {
    return role.value !== null && roleCan(role.value, permission)
  }

  return { can, role }
}
