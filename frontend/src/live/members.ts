import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Api, FoundMember, Member, Role } from "../api";
import { useApi } from "./context";

// A workspace may have 30,000 members: a page asks for those that it shows, and never for all.

/** People come in pages of so many. */
const PAGE = 100;
/** How long a text rests before somebody is asked: shorter than the time between two keystrokes of a fast typist is for nothing. */
const REST_MS = 60;
/** So many are named in one call. */
const MOST_NAMED = 200;

export const memberKeys = {
  found: (ws: string, among: Among, query: string) => ["directory", "members", ws, among, query] as const,
  one: (ws: string, person: string) => ["directory", "member", ws, person] as const,
  me: (ws: string) => ["people", "me", ws] as const,
};

/** Among whom one looks: all members but oneself when nothing is said. */
export interface Among {
  /** Only who is in this conversation or folder, too. */
  readonly inSpace?: string;
  /** Nobody who is in this one. */
  readonly withoutSpace?: string;
  readonly without?: readonly string[];
  readonly role?: Role;
  readonly withMe?: boolean;
}

export interface FoundMembers {
  readonly members: readonly FoundMember[];
  /** How many there are; more than members as long as not all were asked for. */
  readonly total: number;
  /** Nothing has come yet. */
  readonly waiting: boolean;
  /** They were found by the very text that stands there. */
  readonly isFresh: boolean;
  readonly error: unknown;
  readonly more: () => void;
  readonly retry: () => void;
}

/** The value, once it has not changed for a moment. */
export function useRested<T>(value: T, ms = REST_MS): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return rested;
}

/** Members that a text finds, page by page. What is typed over is asked for no more. */
export function useFoundMembers(ws: string, typed: string, among: Among = {}, enabled = true): FoundMembers {
  const api = useApi();
  const wanted = typed.trim();
  const query = useRested(wanted);
  const asked = useInfiniteQuery({
    queryKey: memberKeys.found(ws, among, query), enabled,
    queryFn: ({ pageParam, signal }) => api.members.findMembers({
      workspaceId: ws, query, inSpaceId: among.inSpace ?? "", withoutSpaceId: among.withoutSpace ?? "", withoutIds: [...(among.without ?? [])].slice(0, 1000),
      role: among.role ?? 0, withMe: among.withMe ?? false, offset: pageParam, limit: PAGE,
    }, { signal }),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const have = all.length * PAGE;
      return have < last.total ? have : undefined;
    },
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  const { data, error, isFetching, hasNextPage, fetchNextPage, refetch } = asked;
  return {
    members: data?.pages.flatMap((page) => page.members) ?? [],
    total: data?.pages[0]?.total ?? 0,
    waiting: data === undefined && error === null,
    isFresh: query === wanted && data !== undefined && !asked.isPlaceholderData,
    error: data === undefined ? error : null,
    more: () => {
      if (hasNextPage && !isFetching) void fetchNextPage();
    },
    retry: () => void refetch(),
  };
}

/** What a picker of people shows: the text that is typed in it, and whom that finds. */
export function useMemberPicker(ws: string, among: Among = {}) {
  const [query, setQuery] = useState("");
  const found = useFoundMembers(ws, query, among);
  return { query, onQuery: setQuery, found };
}

/** Gathers what is asked for at once into one call. */
class Namer {
  private waiting = new Map<string, { person: string; done: (member: FoundMember | null) => void; fail: (cause: unknown) => void }[]>();

  constructor(private readonly api: Api) {}

  load(ws: string, person: string): Promise<FoundMember | null> {
    return new Promise((done, fail) => {
      const all = this.waiting.get(ws) ?? [];
      if (all.length === 0) {
        this.waiting.set(ws, all);
        setTimeout(() => void this.ask(ws));
      }
      all.push({ person, done, fail });
    });
  }

  private async ask(ws: string): Promise<void> {
    const all = this.waiting.get(ws) ?? [];
    this.waiting.delete(ws);
    for (let at = 0; at < all.length; at += MOST_NAMED) {
      const some = all.slice(at, at + MOST_NAMED);
      try {
        const { members } = await this.api.members.someMembers({ workspaceId: ws, personIds: some.map(({ person }) => person) });
        const byID = new Map(members.map((member) => [member.personId, member]));
        for (const { person, done } of some) done(byID.get(person) ?? null);
      } catch (cause) {
        for (const { fail } of some) fail(cause);
      }
    }
  }
}

const namers = new WeakMap<Api, Namer>();

function namer(api: Api): Namer {
  let known = namers.get(api);
  if (!known) namers.set(api, (known = new Namer(api)));
  return known;
}

/** Members by their IDs, also past ones; who is not known, or not yet, is not among them. */
export function useSomeMembers(ws: string, people: readonly string[]): ReadonlyMap<string, FoundMember> {
  const api = useApi();
  return useQueries({
    queries: [...new Set(people)].filter((person) => person !== "").map((person) => ({ queryKey: memberKeys.one(ws, person), queryFn: () => namer(api).load(ws, person) })),
    combine: (answers) => new Map(answers.flatMap(({ data }) => (data ? [[data.personId, data] as const] : []))),
  });
}

/** Oneself in a workspace. */
export function useMe(ws: string): Member | undefined {
  const api = useApi();
  return useQuery({ queryKey: memberKeys.me(ws), queryFn: ({ signal }) => api.members.me({ workspaceId: ws }, { signal }) }).data;
}
