// What is there wherever one is in the app. The pages themselves come when somebody goes to them.
export { CallProvider } from "./CallProvider";
export { FloatingBar } from "./FloatingBar";
export { Ringing } from "./Ringing";
