import { expect, it } from "vitest";
import { hostOf, isHost, isInside, portOf, reachOf } from "./address";

it("takes the port off", () => {
  expect(["relay.example.com:47820", "192.0.2.7:443", "[2001:db8::7]:443", "[::1]", "2001:db8::7", "relay"].map(hostOf))
    .toEqual(["relay.example.com", "192.0.2.7", "2001:db8::7", "::1", "2001:db8::7", "relay"]);
});

it("knows names and addresses from anything else", () => {
  for (const good of ["relay.example.com", "192.0.2.7", "2001:db8::7", "front-desk", "中继.例子.cn", "relay.example.com."]) expect(isHost(good), good).toBe(true);
  for (const bad of ["http://relay.example.com", "relay.example.com:443", "relay/", "a b", "-relay", "user@relay", ".", "x".repeat(300)]) expect(isHost(bad), bad).toBe(false);
});

it("knows what nobody outside can dial", () => {
  for (const inside of ["192.168.3.24", "10.0.0.1", "172.31.0.1", "100.64.0.1", "169.254.1.1", "127.0.0.1", "fd00::1", "fe80::1", "::1", "front-desk", "desk.local"]) expect(isInside(inside), inside).toBe(true);
  for (const outside of ["192.0.2.7", "172.32.0.1", "100.128.0.1", "2001:db8::7", "relay.example.com"]) expect(isInside(outside), outside).toBe(false);
});

it("reads ports", () => {
  expect(["47820", " 443 ", "0", "65536", "-1", "4a", ""].map(portOf)).toEqual([47820, 443, null, null, null, null, null]);
});

it("promises no more reach than a relay has", () => {
  expect(reachOf([])).toEqual({ reach: "near", hosts: [] });
  expect(reachOf(["192.168.3.24:47820"])).toEqual({ reach: "inside", hosts: ["192.168.3.24:47820"] });
  expect(reachOf(["192.168.3.24:47820", "relay.example.com:443"])).toEqual({ reach: "far", hosts: ["relay.example.com:443"] });
});
