// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { ConnectionSchema } from "../api/gen/roundtable/v1/system_pb";
import { openRoom } from "../testing/room";
import { useIsOnline, usePresence } from "./presence";

afterEach(cleanup);

const MANY = 300;
const persons = Array.from({ length: MANY }, (_, at) => `per_${at}`);

it("draws of many people the rows of those who came or went, and no other", async () => {
  const draws = new Map<string, number>();
  function Row({ person }: { person: string }) {
    const online = useIsOnline(person);
    draws.set(person, (draws.get(person) ?? 0) + 1);
    return <li>{online ? `${person} is here` : ""}</li>;
  }
  const Count = () => <p>{usePresence().people.size} are here</p>;
  const { world } = await openRoom("alone", () => <><Count /><ul>{persons.map((person) => <Row key={person} person={person} />)}</ul></>);
  const ws = world.workspaces[0]!.id;
  const come = (...who: string[]) => act(() => {
    // A new list, as each answer is.
    world.connections = [...world.connections, ...who.map((person) => create(ConnectionSchema, { deviceId: `dev_${person}`, personId: person, personName: person, via: "lan", workspaceIds: [ws] }))];
    world.changed("connections");
  });
  await screen.findByText("0 are here");
  come(...persons.slice(0, 100));
  await screen.findByText("100 are here");
  draws.clear();
  come("per_200", "per_201");
  await screen.findByText("per_201 is here");
  act(() => {
    world.connections = world.connections.filter(({ personId }) => personId !== "per_5");
    world.changed("connections");
  });
  await vi.waitFor(() => expect(screen.queryByText("per_5 is here")).toBeNull());
  expect([...draws]).toEqual([["per_200", 1], ["per_201", 1], ["per_5", 1]]);
  // The same answer again is no change.
  draws.clear();
  act(() => world.changed("connections"));
  come("per_250");
  await screen.findByText("per_250 is here");
  expect([...draws]).toEqual([["per_250", 1]]);
});
