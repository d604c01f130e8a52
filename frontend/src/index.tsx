import { render as mount } from "preact";
import { App } from "./App";
import { isEmbedded } from "./server/embedded";
import { followTheme } from "./host/theme";
import css from "./style.css?inline";

/** TensorBoard calls this once, in an empty page. An exception here would be a blank tab, so it is shown instead. */
export async function render(): Promise<void> {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  document.title ||= "Diagnosis";
  document.documentElement.lang = "en";
  try {
    followTheme();
    mount(<App />, document.body);
  } catch (error) {
    document.body.textContent = `The Diagnosis tab could not start: ${error}`;
  }
}

if (isEmbedded()) void render(); // nobody else is there to call it
