import { useTranslation } from "react-i18next";
import { Role } from "../../api";

export type RoleKey = "owner" | "admin" | "member" | "guest";

export const ROLES: readonly (readonly [RoleKey, Role])[] = [["owner", Role.OWNER], ["admin", Role.ADMIN], ["member", Role.MEMBER], ["guest", Role.GUEST]];

export function useRoleName(): (role: Role) => string {
  const { t } = useTranslation();
  return (role) => {
    const found = ROLES.find(([, candidate]) => candidate === role);
    return found ? t(`role.${found[0]}`) : "";
  };
}
