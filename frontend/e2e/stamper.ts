import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CONFIG = `
[ req ]
distinguished_name = name
[ name ]
[ ca ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ stamps ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ tsa ]
default_tsa = one
[ one ]
serial = serial
signer_cert = stamps.pem
certs = root.pem
signer_key = stamps.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.311.60.2.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;

/** A time-stamp authority of RFC 3161 on this computer: what OpenSSL answers, over HTTP. It can be down for a while. */
export class Stamper {
  private server: Server | null = null;
  private isDown = false;

  private constructor(private readonly place: string) {}

  static async open(name: string): Promise<Stamper> {
    const place = mkdtempSync(join(tmpdir(), "roundtable-stamper-"));
    const stamper = new Stamper(place);
    writeFileSync(join(place, "stamper.cnf"), CONFIG);
    writeFileSync(join(place, "serial"), "01\n");
    const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: place, stdio: "pipe" });
    for (const key of ["root", "stamps"]) openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${key}.key`);
    openssl("req", "-x509", "-new", "-key", "root.key", "-utf8", "-subj", `/CN=${name} Root`, "-days", "30", "-out", "root.pem", "-config", "stamper.cnf", "-extensions", "ca");
    openssl("req", "-new", "-key", "stamps.key", "-utf8", "-subj", `/CN=${name}`, "-out", "stamps.csr", "-config", "stamper.cnf");
    openssl("x509", "-req", "-in", "stamps.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "2", "-days", "30", "-out", "stamps.pem", "-extfile", "stamper.cnf", "-extensions", "stamps");
    await stamper.listen();
    return stamper;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}/`;
  }

  /** Whom one has to trust for its stamps. */
  get root(): string {
    return readFileSync(join(this.place, "root.pem"), "utf8");
  }

  private async listen(): Promise<void> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        try {
          const answer = this.answer(Buffer.concat(parts));
          response.writeHead(200, { "Content-Type": "application/timestamp-reply" }).end(answer);
        } catch {
          response.writeHead(500).end();
        }
      });
    });
    server.on("connection", (socket) => this.isDown && socket.destroy());
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    this.server = server;
  }

  /** Answers again, at the same address. */
  start(): void {
    this.isDown = false;
  }

  /** OpenSSL takes the number of the next stamp from a file, so there is one at a time. */
  private answer(query: Buffer): Buffer {
    writeFileSync(join(this.place, "query"), query);
    return execFileSync("openssl", ["ts", "-reply", "-queryfile", "query", "-config", "stamper.cnf", "-section", "one"], { cwd: this.place, stdio: "pipe" });
  }

  /** Nobody answers any more. The address is kept: another program would take a port that is let go. */
  stop(): void {
    this.isDown = true;
    this.server?.closeAllConnections();
  }

  async close(): Promise<void> {
    this.stop();
    await new Promise((done) => this.server?.close(done) ?? done(null));
    rmSync(this.place, { recursive: true, force: true });
  }
}
