// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";
import { ConnectionsResponseSchema, RelaySchema, RelayState } from "../../api";
import { startI18n } from "../../i18n";
import { connectionWords } from "./connectionWords";

beforeAll(() => startI18n("en"));

const relay = (state: RelayState, errorCode = "", host = "relay.example.com:47820") => create(RelaySchema, { id: host, host, state, errorCode });
const { CONNECTED, CONNECTING, REFUSED, UNREACHABLE } = RelayState;

function say(links: Record<string, string>, relays: ReturnType<typeof relay>[] = [], problems: string[] = [], others = ["li", "wang"]) {
  const connections = create(ConnectionsResponseSchema, { connections: Object.entries(links).map(([personId, via]) => ({ deviceId: `dev_${personId}`, personId, via })), problems });
  const { tone, title, note } = connectionWords({ connections, relays, others: new Set(others), count: others.length, syncing: false }, i18next.t);
  return `${tone}: ${title} | ${note}`;
}

it("names the relay instead of calling one alone", () => {
  expect(say({})).toBe("idle: Alone on this network | What you send waits here and goes out when a colleague comes online.");
  expect(say({}, [relay(CONNECTED)])).toBe("relay: Connected through the relay relay.example.com | No colleague is connected now. The relay keeps what you send, sealed.");
  expect(say({}, [relay(CONNECTED), relay(CONNECTED, "", "b.example:1")])).toMatch(/^relay: Connected through 2 relays/);
  expect(say({}, [relay(UNREACHABLE), relay(CONNECTED, "", "b.example:1")])).toMatch(/^relay: Connected through the relay b\.example:1/);
  // A firewall that hides one from the office matters less while a relay carries.
  expect(say({}, [relay(CONNECTED)], ["broadcast_blocked"])).toMatch(/^relay: /);
});

it("says when relays cannot be reached, do not let us in, or keep nothing", () => {
  expect(say({}, [relay(UNREACHABLE, "relay_unreachable")])).toMatch(/^bad: The relay relay\.example\.com cannot be reached \| What you send waits on this computer/);
  expect(say({}, [relay(REFUSED, "relay_token")])).toMatch(/^bad: The relay relay\.example\.com does not let us in/);
  expect(say({}, [relay(REFUSED), relay(UNREACHABLE, "", "b.example:1")])).toMatch(/^bad: None of the relays can be reached/);
  expect(say({}, [relay(CONNECTED, "relay_full")])).toMatch(/^bad: The relay relay\.example\.com is full/);
  expect(say({}, [relay(CONNECTED, "relay_withholds")])).toMatch(/^bad: The relay relay\.example\.com keeps messages back/);
  expect(say({}, [relay(CONNECTED, "relay_forged"), relay(CONNECTED, "", "b.example:1")])).toMatch(/^relay: Connected through the relay b\.example:1/);
  expect(say({ li: "lan" }, [relay(CONNECTED, "relay_forged")])).toMatch(/^good: .* \| A relay does not behave as it should/);
  expect(say({}, [relay(CONNECTING)])).toMatch(/^idle: Reaching the relay…/);
  expect(say({ li: "lan" }, [relay(UNREACHABLE)])).toBe("good: 1 colleague directly connected | No relay can be reached: colleagues elsewhere have to wait.");
});

it("calls direct only what is direct", () => {
  expect(say({ li: "lan", wang: "rtc" }, [relay(CONNECTED)])).toMatch(/^good: 2 colleagues directly connected \| From computer to computer/);
  expect(say({ li: "lan", wang: "relayed" }, [relay(CONNECTED)])).toBe("good: 2 colleagues connected | 1 directly, 1 through a relay that cannot read along.");
  expect(say({ li: "relayed" }, [relay(CONNECTED)])).toBe("good: 1 colleague connected | Through a relay that cannot read along.");
});

it("keeps the older truths", () => {
  expect(say({ li: "lan" }, [relay(CONNECTED)], ["no_network"])).toMatch(/^bad: No network/);
  expect(say({}, [], ["listen_failed"])).toMatch(/^bad: Colleagues may not find you/);
  expect(say({}, [relay(CONNECTED)], [], [])).toMatch(/^idle: Nobody else is here yet/);
});
