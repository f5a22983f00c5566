import { hideBootCode } from "../runtime/boot";

hideBootCode();
// What messages look like is read when it is loaded. Together with everything else the page would stand still for longer.
await import("../api");
await import("./main");
