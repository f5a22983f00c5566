/** The palette over everything (Ctrl+K), and the page that looks for messages. */
export { Palette } from "./Palette";
export { SearchPage } from "./SearchPage";
