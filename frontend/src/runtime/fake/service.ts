import { fromJson, toBinary, toJson, create, type DescMethodUnary, type DescService, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { ErrorInfoSchema } from "../../api/gen/roundtable/v1/error_pb";

/** The methods of a service, as plain functions. */
export type Methods<S extends DescService> = {
  [M in keyof S["method"]]: S["method"][M] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>) => MessageInitShape<O> | Promise<MessageInitShape<O>>
    : never;
};

/** What leaves the door when something went wrong. */
export class Refusal extends Error {
  constructor(readonly code: string, readonly params: Record<string, string> = {}) {
    super(code);
  }
}

type Call = (request: never) => unknown;

/** Answers calls of the connect protocol in JSON, as the program does. */
export function door(pairs: readonly (readonly [DescService, object])[], pause: () => Promise<void>): typeof fetch {
  return async (input, init) => {
    const url = typeof input === "string" ? input : input instanceof URL ? input.pathname : input.url;
    const [, service, name] = /([\w.]+)\/(\w+)$/.exec(url) ?? [];
    const pair = pairs.find(([candidate]) => candidate.typeName === service);
    const method = pair?.[0].methods.find((candidate) => candidate.name === name);
    if (!pair || !method) return answer(404, { code: "unimplemented" });
    await pause();
    const body = init?.body;
    const text = typeof body === "string" ? body : new TextDecoder().decode(body as Uint8Array);
    try {
      const run = (pair[1] as Record<string, Call>)[method.localName]!;
      const given = await run(fromJson(method.input, JSON.parse(text || "{}")) as never);
      return answer(200, toJson(method.output, create(method.output, given as MessageInitShape<typeof method.output>)));
    } catch (cause) {
      if (!(cause instanceof Refusal)) {
        console.error(cause);
        return answer(500, { code: "internal" });
      }
      const info = toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { code: cause.code, params: cause.params }));
      return answer(400, {
        code: "invalid_argument",
        message: cause.code,
        details: [{ type: ErrorInfoSchema.typeName, value: base64Encode(info).replace(/=+$/, "") }],
      });
    }
  };
}

function answer(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}
