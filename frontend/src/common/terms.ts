/** Words that a reader may not know, each explained in one sentence. */
export const TERMS: Record<string, string> = {
  accuracy: "The share of samples for which the model gives the right answer.",
  "activation function": "What a layer applies to each of its sums, so that the network is more than one straight line.",
  batch: "The samples that the model looks at before it changes its weights once.",
  binary_crossentropy: "The loss for two classes: it reads the output as a probability between 0 and 1.",
  "best constant answer": "What a model would reach that gives the same answer for every sample.",
  chance: "What guessing at random would give.",
  "dead unit": "A ReLU unit that gives 0 for every sample: no sample can teach it any more.",
  dropout: "A layer that switches off some of its inputs at random during training.",
  epoch: "One pass through all training samples.",
  gradient: "How the loss would change with each weight; training follows it downhill.",
  "gradient norm": "The size of the gradient of a layer's weights: near 0, the layer learns nothing.",
  initializer: "What draws the weights before the first step.",
  kernel: "The weights that a layer multiplies its inputs with.",
  "learning rate": "How far the weights go along the gradient in one step.",
  logits: "Outputs before they are turned into probabilities: any number, not just 0 to 1.",
  loss: "The number that training makes smaller; accuracy follows from it.",
  "majority share": "What always naming the most frequent label would give.",
  "nearest neighbours": "A simple method: each sample gets the most frequent label of the 5 samples most like it.",
  optimizer: "The rule by which the gradient changes the weights, such as SGD or Adam.",
  "pre-activation": "What goes into a layer's activation function.",
  "probe sample": "One of up to 512 fixed training samples on which everything is measured after each epoch.",
  relu: "An activation function that lets positive numbers through and gives 0 for the others.",
  "ridge regression": "A simple method without training epochs: what it can tell from the inputs, a network can too.",
  saturated: "A sigmoid or tanh unit at the flat end of its curve, where next to no gradient comes through.",
  sigmoid: "An activation function that gives a number between 0 and 1.",
  skill: "How much of the way from the best constant answer (0) to a perfect one (1) the model has come.",
  softmax: "An activation function that turns all outputs of a sample into shares that add up to 1.",
  "standard deviation": "How far values lie from their mean, on average.",
  step: "One change of the weights, after one batch.",
  validation: "Samples that are kept out of training, to see what the model makes of new ones.",
};

const OTHER_WORDS: Record<string, string> = {
  kernels: "kernel",
  gradients: "gradient",
  "probe samples": "probe sample",
  "probe batch": "probe sample",
  "dead units": "dead unit",
  "dead relu units": "dead unit",
  "gradient norms": "gradient norm",
  "pre-activations": "pre-activation",
  "learning rates": "learning rate",
  "activation functions": "activation function",
  "share of the most frequent label": "majority share",
  "kernel ridge regression": "ridge regression",
  "validation samples": "validation",
};

const WORDS = [...Object.keys(TERMS), ...Object.keys(OTHER_WORDS)].sort((a, b) => b.length - a.length);
const ANY = new RegExp(`(?<![\\w-])(${WORDS.join("|")})(?![\\w-])`, "gi");

export const meaningOf = (word: string) => TERMS[OTHER_WORDS[word.toLowerCase()] ?? word.toLowerCase()];

/** Cuts a text into terms with their meanings and plain text. Each term is explained once. */
export function withTerms(text: string, seen: Set<string>): { text: string; meaning?: string }[] {
  const pieces: { text: string; meaning?: string }[] = [];
  let from = 0;
  for (const match of text.matchAll(ANY)) {
    const meaning = meaningOf(match[0]);
    if (!meaning || seen.has(meaning)) continue;
    seen.add(meaning);
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: match[0], meaning });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}
