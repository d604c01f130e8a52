/** Makes an element in the namespace of another one. */
export function svgElement(sibling: Element, name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(sibling.namespaceURI, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
