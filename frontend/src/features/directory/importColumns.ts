/** What a column of a file may be; "" for none. */
export const COLUMNS = ["", "number", "name", "department", "title", "lead", "phone", "email", "place", "manager", "note"] as const;
export type Column = (typeof COLUMNS)[number];
