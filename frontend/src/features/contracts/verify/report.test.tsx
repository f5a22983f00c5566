// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { cleanup, screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { EvidenceVerdictSchema, VerifyReportSchema } from "../../../api";
import { openRoom } from "../../../testing/room";
import { Report } from "./Report";

afterEach(cleanup);

const hash = "ab".repeat(32);

it("says which logs were left out, what only a log says, and which files the document names", async () => {
  const report = create(VerifyReportSchema, {
    verdict: "valid", name: "合同.pdf", pages: 2, sha256: hash,
    attached: [{ field: "licence", name: "营业执照.pdf", sha256: hash, signature: 1 }, { field: "plan", name: "plan.pdf", sha256: hash }],
    evidence: create(EvidenceVerdictSchema, {
      present: true, good: true, number: "RT-20261128-00AA", entries: 9, witnesses: 2,
      leftOut: [{ person: "王五", device: "dev", why: "forked" }], claimed: [{ kind: "signed", person: "赵六", unixMs: 1_764_300_000_000n }],
    }),
  });
  await openRoom("contracts", (ws) => <Report ws={ws} report={report} onPage={() => {}} />);
  await screen.findByText("A log of 王五 was left out: the log was shown in two versions.");
  const claimed = screen.getByRole("heading", { name: /Only their own log says so/ }).parentElement!;
  expect(claimed.textContent).toContain("赵六 signed");
  const files = within(screen.getByRole("region", { name: "Files that the document names" }));
  files.getByText("营业执照.pdf");
  files.getByText("Signature 1 is over it.");
  files.getByText("No signature is over it.");
});
