export { askDing } from "./ding/ask";
export { DingAlerts } from "./ding/DingAlerts";
export { DingLayer } from "./ding/DingLayer";
export { LaterNotices } from "./later/LaterNotices";
export { MessageNotices } from "./MessageNotices";
