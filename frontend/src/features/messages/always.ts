export { askDing } from "./ding/ask";
export { DingAlerts } from "./ding/DingAlerts";
export { DingLayer } from "./ding/DingLayer";
export { MessageNotices } from "./MessageNotices";
