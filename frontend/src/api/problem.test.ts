import { expect, it } from "vitest";
import { fakeRuntime } from "../runtime/fake";
import { createApi } from "./client";
import { problemOf } from "./problem";

async function failure(call: Promise<unknown>) {
  return problemOf(await call.then(() => new Error("no failure"), (cause: unknown) => cause));
}

it("reads the code and its values from an answer of the door", async () => {
  const api = createApi(fakeRuntime("", 0).fetch);
  expect(await failure(api.people.createWorkspace({ name: "x".repeat(500) }))).toEqual({ code: "name_too_long", params: { max: "80" } });
  expect(await failure(api.people.previewInvite({ link: "hello" }))).toMatchObject({ code: "invite_garbled" });
});

it("says so when the program does not answer, or when there is no session", async () => {
  const down = createApi(() => Promise.reject(new TypeError("Failed to fetch")));
  expect(await failure(down.system.status({}))).toMatchObject({ code: "unreachable" });
  const strange = createApi(() => Promise.resolve(new Response("no", { status: 401 })));
  expect(await failure(strange.system.status({}))).toMatchObject({ code: "no_session" });
  const broken = createApi(() => Promise.resolve(new Response("oops", { status: 500 })));
  expect(await failure(broken.system.status({}))).toMatchObject({ code: "internal" });
});
