// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { Pick } from "./Pick";

afterEach(cleanup);

const ALL = ["王敏", "王芳", "王强"].map((name) => ({ id: name, name, note: "" }));

function Room() {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState("");
  return <Pick label="From" clear="From anybody" chosen={chosen} typed={typed} options={ALL.filter((one) => one.name.includes(typed))} onType={setTyped} onChoose={setChosen} />;
}

it("chooses one of those that are found by the arrows and Enter, and takes it away again", () => {
  render(<Room />);
  const field = screen.getByRole<HTMLInputElement>("combobox", { name: "From" });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(screen.queryByRole("option")).toBeNull();
  fireEvent.change(field, { target: { value: "王" } });
  fireEvent.keyDown(field, { key: "ArrowDown" });
  expect(screen.getByRole("option", { selected: true }).textContent).toBe("王芳");
  expect(field.getAttribute("aria-activedescendant")).toBe(screen.getByRole("option", { selected: true }).id);
  fireEvent.keyDown(field, { key: "ArrowUp" });
  fireEvent.keyDown(field, { key: "ArrowUp" });
  fireEvent.keyDown(field, { key: "Enter" });
  const clear = screen.getByRole("button", { name: "From anybody" });
  expect(screen.getByText("王强")).toBeTruthy();
  expect(document.activeElement).toBe(clear);
  fireEvent.click(clear);
  expect(document.activeElement).toBe(screen.getByRole("combobox"));
  fireEvent.change(screen.getByRole("combobox"), { target: { value: "王" } });
  fireEvent.keyDown(screen.getByRole("combobox"), { key: "Escape" });
  expect(screen.getByRole<HTMLInputElement>("combobox").value).toBe("");
});
