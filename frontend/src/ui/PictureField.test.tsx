// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { openRoom } from "../testing/room";
import { Avatar } from "./Avatar";
import { PictureField } from "./PictureField";
import { PortraitContext } from "./portraits";

afterEach(cleanup);

const cut = vi.hoisted(() => ({ cuts: [] as unknown[] }));
vi.mock("../lib/squarePicture", async (original) => ({
  ...(await original<typeof import("../lib/squarePicture")>()),
  openPicture: (file: File) => Promise.resolve(file.name.endsWith(".svg") ? undefined : { naturalWidth: 400, naturalHeight: 300 }),
  drawCut: () => true,
  cutPicture(_: unknown, where: unknown, side: number) {
    cut.cuts.push(where);
    return Promise.resolve(new Uint8Array([side, cut.cuts.length]));
  },
}));

function Field({ onPicture }: { onPicture: (bytes: Uint8Array | null) => void }) {
  const [picture, setPicture] = useState<Uint8Array<ArrayBuffer> | null>();
  return <PictureField id="per_me" name="沈清和" label="My picture" hint="Hint" side={160} before={undefined} picture={picture} onPicture={(bytes) => { setPicture(bytes); onPicture(bytes); }} />;
}

const choose = (name: string) => fireEvent.change(document.querySelector("input[type=file]")!, { target: { files: [new File(["x"], name)] } });

it("takes the middle of a picture, then where one moves it, and lets it go again", async () => {
  const told = vi.fn();
  await openRoom("alone", () => <Field onPicture={told} />);
  choose("me.jpg");
  await waitFor(() => expect(told).toHaveBeenLastCalledWith(new Uint8Array([160, 1])));
  expect(cut.cuts).toEqual([{ zoom: 1, x: 0.5, y: 0.5 }]);
  fireEvent.change(screen.getByRole("slider", { name: "Size" }), { target: { value: "2" } });
  fireEvent.change(screen.getByRole("slider", { name: "Down" }), { target: { value: "0" } });
  await waitFor(() => expect(cut.cuts.at(-1)).toEqual({ zoom: 2, x: 0.5, y: 0 }));
  fireEvent.click(screen.getByRole("button", { name: "Remove the picture" }));
  expect(told).toHaveBeenLastCalledWith(null);
  expect(screen.queryByRole("slider", { name: "Size" })).toBeNull();
});

it("says that a file is no picture", async () => {
  await openRoom("alone", () => <Field onPicture={() => {}} />);
  choose("bad.svg");
  await screen.findByRole("alert");
});

it("shows the picture of a person, and letters where it is not to be had", async () => {
  const source = { subscribe: () => () => {}, path: (id: string) => (id === "per_li" ? "/portraits/a" : undefined) };
  const { container } = await openRoom("alone", () => <PortraitContext value={source}><Avatar id="per_li" name="李卓然" /><Avatar id="per_wang" name="王敏" /></PortraitContext>);
  const images = container.querySelectorAll("img");
  expect([...images].map((image) => image.getAttribute("src"))).toEqual(["/portraits/a"]);
  fireEvent.error(images[0]!);
  await waitFor(() => expect(container.querySelector("img")).toBeNull());
});
