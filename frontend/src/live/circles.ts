import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { ConversationKind, type Circle, type CirclePerson } from "../api";
import { useApi, useTopic } from "./context";

// "circle:<id>" speaks when people of one, or what they say of themselves, may be others; "circles" when those of our workspaces are.
export const circleKeys = {
  circle: (id: string) => [`circle:${id}`] as const,
};

/** Who is in a circle, and from where. */
export function useCircle(id: string, enabled = true) {
  const api = useApi();
  const answer = useQuery({ queryKey: circleKeys.circle(id), queryFn: ({ signal }) => api.circles.getCircle({ circleId: id }, { signal }), enabled });
  const again = () => void (enabled && answer.refetch());
  useTopic("circles", again);
  // What people are called, and links that were used.
  useTopic("people", again);
  useTopic("invites", again);
  return answer;
}

const NOBODY: ReadonlyMap<string, CirclePerson> = new Map();

/** The people of a circle by their IDs; of any other conversation nobody. */
export function useCirclePeople(conversation: string, kind: ConversationKind): ReadonlyMap<string, CirclePerson> {
  const { data } = useCircle(conversation, kind === ConversationKind.CIRCLE);
  return useMemo(() => (data ? new Map(data.people.map((person) => [person.personId, person])) : NOBODY), [data]);
}

export function useShowCircle() {
  const client = useQueryClient();
  return (circle: Circle) => client.setQueryData(circleKeys.circle(circle.id), circle);
}
