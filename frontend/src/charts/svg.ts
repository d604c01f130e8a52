/** An element that goes with one of Plot's, in whose namespace it is. */
export function svgElement(like: Element, name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(like.namespaceURI, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
