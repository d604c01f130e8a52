import { render as mount } from "preact";
import "./common/base.css";
import { App } from "./App";
import { messageOf } from "./common/format";
import { followTheme } from "./host/theme";
import { isEmbedded } from "./server/embedded";

/** TensorBoard calls this once, in an empty page. An exception here would be a blank tab, so it is shown instead. */
export async function render(): Promise<void> {
  document.title ||= "Diagnosis";
  document.documentElement.lang = "en";
  try {
    followTheme();
    mount(<App />, document.body);
  } catch (error) {
    document.body.textContent = `The Diagnosis tab could not start: ${messageOf(error)}`;
  }
}

if (isEmbedded()) void render(); // nobody else is there to call it
