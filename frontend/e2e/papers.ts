import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

// Files of other programs, made here.

/** A document of a word processor with one paragraph for each line. */
export function docx(lines: readonly string[]): Buffer {
  const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`;
  return zip({
    "[Content_Types].xml": `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    "_rels/.rels": `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    "word/document.xml": `${head}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${lines.map((line) => `<w:p><w:r><w:t>${line}</w:t></w:r></w:p>`).join("")}</w:body></w:document>`,
  });
}

/** A ZIP file whose content is stored as it is. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = Buffer.from(text);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}

/** A PDF to which somebody appended another version of an object, as an editor does; what was signed before is untouched. */
export function laterRevision(file: Uint8Array, find: RegExp, change: (object: string) => string): Uint8Array {
  const text = Buffer.from(file).toString("latin1");
  const [, number, body] = [...text.matchAll(/(?:^|\n)(\d+) 0 obj\s*([\s\S]*?)\s*endobj/g)].filter((match) => find.test(match[2]!)).at(-1)!;
  const before = /startxref\s+(\d+)/g;
  const previous = [...text.matchAll(before)].at(-1)![1]!;
  const root = [...text.matchAll(/\/Root (\d+ 0 R)/g)].at(-1)![1]!;
  const size = [...text.matchAll(/\/Size (\d+)/g)].at(-1)![1]!;
  const at = text.length + 1;
  const object = `\n${number!} 0 obj\n${change(body!)}\nendobj\n`;
  const table = `xref\n${number!} 1\n${String(at).padStart(10, "0")} 00000 n \ntrailer\n<< /Size ${size} /Root ${root} /Prev ${previous} >>\nstartxref\n${text.length + object.length}\n%%EOF\n`;
  return Buffer.concat([file, Buffer.from(object + table, "latin1")]);
}

/** Key files as a certification authority hands them out: one that is good, and one whose certificate ended. */
export function keyFiles(place: string): void {
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: place, stdio: "pipe" });
  writeFileSync(join(place, "ca.cnf"), "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n");
  writeFileSync(join(place, "index.txt"), "");
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test Certification Authority", "-days", "30");
  for (const [name, begin, end] of [["good", "20260101000000Z", "20360101000000Z"], ["ended", "20200101000000Z", "20210101000000Z"]] as const) {
    openssl("req", "-new", "-utf8", "-newkey", "rsa:2048", "-nodes", "-keyout", "li.key", "-out", "li.csr", "-subj", "/CN=李卓然");
    openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", "li.csr", "-startdate", begin, "-enddate", end, "-out", `${name}.pem`);
    openssl("pkcs12", "-export", "-inkey", "li.key", "-in", `${name}.pem`, "-certfile", "ca.pem", "-passout", "pass:file secret", "-out", `${name}.p12`);
    writeFileSync(join(place, "index.txt"), "");
  }
}
