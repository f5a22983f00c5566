import { create } from "@bufbuild/protobuf";
import {
  KeyKind, SealKind, SealPictureSchema, SealSchema, SigningKeySchema, TimeAuthoritySettingsSchema, WorkspaceAuthoritySchema,
  type AuthorityService, type KeysService, type Seal, type SealDesign, type SealsService, type SigningKey,
} from "../../api/gen/roundtable/v1/signing_pb";
import type { Methods } from "./service";
import { ME, refuse, type World } from "./world";

const DAY = 86_400_000;
const FINGERPRINT = "8C41 2D9A 77E0 13BF A5C6 90D2 4E1B 6F38";

/** What one signs with, in the fake: keys, an authority, seals. Passwords are "geheim". */
export class Signing {
  keys: SigningKey[] = [];
  seals: Seal[] = [];
  authority = create(WorkspaceAuthoritySchema, { canFound: true });
  time = create(TimeAuthoritySettingsSchema);

  constructor(readonly world: World) {}

  seed(): void {
    const now = Date.now();
    this.keys.push(create(SigningKeySchema, {
      id: "key_1", kind: KeyKind.WORKSPACE, algorithm: "P-256", subject: "沈清和", issuer: "青禾建筑", certificateState: "valid", fingerprint: FINGERPRINT, notBeforeUnixMs: BigInt(now - 60 * DAY), notAfterUnixMs: BigInt(now + 670 * DAY), madeUnixMs: BigInt(now - 60 * DAY),
    }), create(SigningKeySchema, { id: "key_2", kind: KeyKind.OWN, algorithm: "RSA 3072", certificateState: "asked", madeUnixMs: BigInt(now - DAY) }));
    this.authority = create(WorkspaceAuthoritySchema, {
      founded: true, fingerprint: FINGERPRINT, rootPem: "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n", notAfterUnixMs: BigInt(now + 3600 * DAY), haveRoot: true, holders: ["沈清和"], foundedUnixMs: BigInt(now - 61 * DAY), founderName: "沈清和", listUnixMs: BigInt(now - DAY),
      requests: [
        { id: "req_1", personId: "p", personName: "李卓然", legalName: "李卓然", department: "设计部", email: "li@qinghe.example", algorithm: "P-256", askedUnixMs: BigInt(now - 3_600_000) },
        { id: "req_2", personId: "q", personName: "王敏", legalName: "", algorithm: "P-256", askedUnixMs: BigInt(now - 7_200_000), sealName: "合同专用章" },
      ],
      issued: [
        { serial: "3", name: "王敏", notBeforeUnixMs: BigInt(now - 50 * DAY), notAfterUnixMs: BigInt(now + 400 * DAY), fingerprint: FINGERPRINT, issuedBy: "沈清和", verified: "当面核对身份证件", sealName: "合同专用章", toRevoke: "right_withdrawn" },
        { serial: "1", name: "沈清和", notBeforeUnixMs: BigInt(now - 60 * DAY), notAfterUnixMs: BigInt(now + 670 * DAY), fingerprint: FINGERPRINT, issuedBy: "沈清和", verified: "当面核对身份证件" },
        { serial: "2", name: "周小满", notBeforeUnixMs: BigInt(now - 50 * DAY), notAfterUnixMs: BigInt(now + 300 * DAY), fingerprint: FINGERPRINT, issuedBy: "沈清和", verified: "共事多年，本人熟识", revokedUnixMs: BigInt(now - 5 * DAY) },
      ],
    });
    const seal = (init: Parameters<typeof create<typeof SealSchema>>[1], design: Partial<SealDesign>) => this.seals.push(create(SealSchema, { state: "valid", madeBy: "沈清和", madeUnixMs: BigInt(now - 40 * DAY), picture: draw(design), ...(init as object) }));
    seal({ id: "seal_1", name: "合同专用章", kind: SealKind.ROUND, canManage: true, canUse: true, canAudit: true, keyState: "valid", uses: 12, holders: ["沈清和", "李卓然"], rights: [
      { personId: ME, name: "沈清和", manage: true, use: true, audit: true }, { personId: "p", name: "李卓然", use: true },
    ] }, { text: "青禾建筑设计有限公司", title: "合同专用章", number: "3101150298471" });
    seal({ id: "seal_2", name: "公章", kind: SealKind.ROUND, keyState: "none", holders: ["王敏"] }, { text: "青禾建筑设计有限公司" });
    seal({ id: "seal_3", name: "沈清和 名章", kind: SealKind.PERSONAL, personal: true, canManage: true, canUse: true, canAudit: true, keyState: "valid" }, { kind: SealKind.PERSONAL, text: "沈清和印" });
    seal({ id: "seal_4", name: "旧合同章", kind: SealKind.OVAL, canManage: true, canAudit: true, state: "lost", stateReason: "搬家时遗失", stateUnixMs: BigInt(now - 9 * DAY), keyState: "revoked" }, { text: "青禾建筑", title: "合同专用章" });
  }

  check(id: string, password: string): SigningKey {
    const key = this.keys.find((one) => one.id === id) ?? refuse("key_missing");
    if (password !== "geheim") refuse("key_password_wrong");
    return key;
  }
}

/** Not the program's drawing, but one that looks like a seal. */
function draw({ kind, text = "", title = "", number = "" }: Partial<SealDesign>) {
  const red = "#bf3727";
  if (kind === SealKind.PERSONAL) {
    const cells = [...text].slice(0, 4).map((one, index) => `<text x="${index < 2 ? 76 : 30}" y="${index % 2 === 0 ? 48 : 96}" font-size="42" text-anchor="middle" fill="${red}" font-family="serif">${one}</text>`).join("");
    return create(SealPictureSchema, { widthMm: 20, heightMm: 20, svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 106 112"><rect x="4" y="4" width="98" height="104" fill="none" stroke="${red}" stroke-width="4"/>${cells}</svg>` });
  }
  const around = [...text];
  const letters = around.map((one, index) => `<text transform="rotate(${-120 + (240 / Math.max(1, around.length - 1)) * index} 100 100)" x="100" y="38" font-size="19" text-anchor="middle" fill="${red}" font-family="serif">${one}</text>`).join("");
  const star = Array.from({ length: 10 }, (_, index) => `${100 + (index % 2 ? 11 : 28) * Math.sin((index * Math.PI) / 5)},${100 - (index % 2 ? 11 : 28) * Math.cos((index * Math.PI) / 5)}`).join(" ");
  return create(SealPictureSchema, { widthMm: 42, heightMm: 42, svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200"><circle cx="100" cy="100" r="95" fill="none" stroke="${red}" stroke-width="5"/>${letters}<polygon points="${star}" fill="${red}"/><text x="100" y="152" font-size="18" text-anchor="middle" fill="${red}" font-family="serif">${title}</text><text x="100" y="182" font-size="9" text-anchor="middle" fill="${red}">${number}</text></svg>` });
}

export function keysService(signing: Signing): Methods<typeof KeysService> {
  const { world } = signing;
  const find = (id: string) => signing.keys.find((key) => key.id === id) ?? refuse("key_missing");
  const changed = () => world.changed("signing_keys");
  const strong = (password: string) => {
    if ([...password].length < 6) refuse("passphrase_too_short", { min: "6" });
  };
  return {
    signingKeys: () => ({ keys: signing.keys, keychain: true }),
    makeSigningKey({ algorithm, password }) {
      strong(password);
      const key = create(SigningKeySchema, { id: world.id("key"), kind: KeyKind.OWN, algorithm: algorithm === "p256" ? "P-256" : "RSA 3072", certificateState: "none", madeUnixMs: BigInt(Date.now()) });
      signing.keys.push(key);
      changed();
      return key;
    },
    importSigningKey: () => refuse("key_file_invalid"),
    changeKeyPassword: ({ keyId, oldPassword }) => signing.check(keyId, oldPassword),
    removeSigningKey({ keyId }) {
      signing.keys = signing.keys.filter((key) => key.id !== keyId);
      changed();
      return { keys: signing.keys, keychain: true };
    },
    askCertificate({ keyId, legalName }) {
      const key = find(keyId);
      key.certificateState = "asked";
      key.subject = legalName;
      changed();
      return key;
    },
    timeAuthority: () => signing.time,
    setTimeAuthority(settings) {
      if (settings.url !== "" && !/^https?:\/\//.test(settings.url)) refuse("address_invalid");
      signing.time = { ...settings, hasPassword: settings.password !== "", password: "", triedUnixMs: BigInt(Date.now()), errorCode: "" };
      changed();
      return signing.time;
    },
  };
}

export function authorityService(signing: Signing): Methods<typeof AuthorityService> {
  const done = (ws: string) => {
    signing.world.changed(`authority:${ws}`);
    return signing.authority;
  };
  return {
    authority: () => signing.authority,
    foundAuthority({ workspaceId, organization }) {
      signing.authority = create(WorkspaceAuthoritySchema, { founded: true, haveRoot: true, founderName: "沈清和", holders: ["沈清和"], fingerprint: FINGERPRINT, rootPem: organization, foundedUnixMs: BigInt(Date.now()), notAfterUnixMs: BigInt(Date.now() + 3650 * DAY) });
      return done(workspaceId);
    },
    issueCertificate({ workspaceId, requestId, password }) {
      if (password !== "geheim") refuse("key_password_wrong");
      signing.authority.requests = signing.authority.requests.filter((request) => request.id !== requestId);
      return done(workspaceId);
    },
    refuseCertificate({ workspaceId, requestId }) {
      signing.authority.requests = signing.authority.requests.filter((request) => request.id !== requestId);
      return done(workspaceId);
    },
    revokeCertificate({ workspaceId, serial }) {
      for (const one of signing.authority.issued) if (one.serial === serial) one.revokedUnixMs = BigInt(Date.now());
      return done(workspaceId);
    },
    handRoot: ({ workspaceId }) => done(workspaceId),
    takeRoot: ({ workspaceId }) => done(workspaceId),
  };
}

export function sealsService(signing: Signing): Methods<typeof SealsService> {
  const find = (id: string) => signing.seals.find((seal) => seal.id === id) ?? refuse("not_found");
  const done = (ws: string, seal: Seal) => {
    signing.world.changed(`seals:${ws}`);
    return seal;
  };
  return {
    seals: () => ({ seals: signing.seals, canMake: true }),
    previewSeal: (design) => draw(design),
    makeSeal({ workspaceId, name, design, personal }) {
      const seal = create(SealSchema, { id: signing.world.id("seal"), name, kind: design!.kind, picture: draw(design!), personal, canManage: true, canUse: true, canAudit: true, keyState: "none", state: "valid", holders: ["沈清和"], rights: [{ personId: ME, name: "沈清和", manage: true, use: true, audit: true }] });
      signing.seals.push(seal);
      return done(workspaceId, seal);
    },
    setSealRight({ workspaceId, sealId, right }) {
      const seal = find(sealId);
      const known = seal.rights.find((one) => one.personId === right!.personId);
      if (known) Object.assign(known, { manage: right!.manage, use: right!.use, audit: right!.audit });
      else seal.rights.push({ ...right!, name: signing.world.members.get(workspaceId)?.find((member) => member.personId === right!.personId)?.name ?? "?" });
      return done(workspaceId, seal);
    },
    prepareSealKey({ workspaceId, sealId }) {
      const seal = find(sealId);
      seal.keyState = "asked";
      return done(workspaceId, seal);
    },
    endSeal({ workspaceId, sealId, state, reason }) {
      const seal = find(sealId);
      Object.assign(seal, { state, stateReason: reason, stateUnixMs: BigInt(Date.now()) });
      return done(workspaceId, seal);
    },
    sealLedger: () => ({
      csv: "time,person\n", uses: [
        { unixMs: BigInt(Date.now() - DAY), personName: "沈清和", contractId: "spc_run", contractTitle: "采购合同 QH-2026-118", documentSha256: "c0ffee00".repeat(8) },
        { unixMs: BigInt(Date.now() - 4 * DAY), personName: "李卓然", contractId: "spc_done", contractTitle: "场地租赁合同", documentSha256: "0badf00d".repeat(8), askedBy: "周小满", reason: "年度续租" },
      ],
    }),
  };
}
