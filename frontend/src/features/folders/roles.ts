import { useTranslation } from "react-i18next";
import { FolderRole } from "../../api";

export type FolderRoleKey = "read" | "write" | "manage";

export const FOLDER_ROLES: readonly (readonly [FolderRoleKey, FolderRole])[] = [["write", FolderRole.WRITE], ["read", FolderRole.READ], ["manage", FolderRole.MANAGE]];

export function useFolderRoleName(): (role: FolderRole) => string {
  const { t } = useTranslation();
  return (role) => {
    const found = FOLDER_ROLES.find(([, candidate]) => candidate === role);
    return found ? t(`folders.role.${found[0]}`) : "";
  };
}

export const roleOf = (key: FolderRoleKey) => FOLDER_ROLES.find(([name]) => name === key)![1];
export const keyOf = (role: FolderRole): FolderRoleKey => FOLDER_ROLES.find(([, candidate]) => candidate === role)?.[0] ?? "read";
