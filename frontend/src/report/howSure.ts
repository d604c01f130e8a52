interface Level {
  least: number; // certainty from which it is said
  text: string;
  meaning: string;
}

const LEVELS: Level[] = [
  { least: 1, text: "certain", meaning: "A contradiction in the settings or in the data: no measurement is needed to know it." },
  { least: 0.8, text: "almost certain", meaning: "The measurement is far beyond what a healthy run shows. No other cause sets it aside." },
  { least: 0.5, text: "likely", meaning: "The measurement is beyond what a healthy run shows, by more than its error." },
  { least: 0, text: "possible", meaning: "It fits what was measured, and other causes are cleared; little else speaks for it." },
];

/** A certainty, from 0 to 1, as a word, with what the word means. */
export function howSure(certainty: number): { text: string; meaning: string } {
  const { text, meaning } = LEVELS.find(({ least }) => certainty >= least) ?? LEVELS.at(-1)!;
  return { text, meaning };
}
