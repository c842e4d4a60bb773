// What scripts put into a page: elements with their attributes, texts with their names filled in, and files to save.
import { lookup } from "./plain.js";

export const made = (tag, attributes, ...inner) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inner);
  return element;
};
export const filled = (text, params) => text.replace(/\{(\w+)\}/g, (whole, name) => (lookup(params, name) ?? whole));
export const paragraph = (text) => made("p", { class: "govuk-body" }, text);
export const fileLink = (name, parts, label) => made("a", { class: "govuk-link", download: name, href: URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" })) }, label);
